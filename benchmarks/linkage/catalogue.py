"""The sets of ``shared/data`` as every system gets them: fields declared, nothing else."""

from __future__ import annotations

from typing import Final

from benchmarks.linkage.sets import LinkageSet

_PAIRS = "select {0} as left_id, {1} as right_id from file('truth.csv.gz')"

_FEBRL = """select opaque(rec_id) as record_id, given(given_name) as forename,
    plain(surname) as surname, from_eight(date_of_birth) as birth_date,
    whole(street_number) as house, plain(address_1) as street, plain(address_2) as locality,
    plain(suburb) as suburb, whole(postcode) as postcode, whole(state) as state{extra}
    from file('{file}')"""
_FEBRL_FIELDS = {
    "forename": "forename", "surname": "surname", "birth_date": "date", "house": "code",
    "street": "address", "locality": "address", "suburb": "place", "postcode": "postcode",
    "state": "category",
}  # fmt: skip
_PERSON_OF = "split_part(trim({0}rec_id), '-', 2)"

_FAKE = """select opaque(unique_id) as record_id, given(first_name) as forename,
    plain(surname) as surname, trim(dob) as birth_date, plain(city) as city,
    email(email) as email from file('{file}')"""
_FAKE_FIELDS = {
    "forename": "forename", "surname": "surname", "birth_date": "date", "city": "place",
    "email": "email",
}  # fmt: skip

_PSEUDO_NAME = """record_id, given(first_name) as forename, plain({middle})[1:1] as middle_initial,
    plain(last_name) as surname"""
_STREET = "plain(concat_ws(' ', {0}street_number, {0}street_name)) as address"
_NO_STREET = "null::varchar as address"
_CENSUS = f"""select {_PSEUDO_NAME.format(middle="middle_initial")},
    from_american(date_of_birth) as birth_date, sex_of(sex) as sex"""
_SOCIAL = f"""select {_PSEUDO_NAME.format(middle="middle_name")},
    from_eight(date_of_birth) as birth_date, sex_of(sex) as sex"""
_TAX = f"select {_PSEUDO_NAME.format(middle='middle_initial')}"
_PSEUDO_PAIRS = """select l.record_id as left_id, r.record_id as right_id
    from file('truth.csv.gz') l join file('truth.csv.gz') r using (entity_id)
    where l.file = '{0}' and r.file = '{1}'"""

_SETS = (
    LinkageSet(
        "ons-census-cis", "ONS census and CIS", "linkage-ons-census-cis",
        {
            side: f"""select record_id, given(pername1) as forename, plain(pername2) as surname,
            sex_of(sex) as sex, ymd(dob_year, dob_mon, dob_day) as birth_date,
            plain(enumcap) as address, uk_postcode(enumpc) as postcode from file('{file}.csv.gz')"""
            for side, file in (("left", "census"), ("right", "cis"))
        },
        {"forename": "forename", "surname": "surname", "sex": "sex", "birth_date": "date",
         "address": "address", "postcode": "postcode"},
        _PAIRS.format("record_id_census", "record_id_cis"),
    ),
    LinkageSet(
        "ons-exercise", "ONS exercise", "linkage-ons-exercise",
        {
            side: f"""select record_id, given(firstname_{x}) as forename,
            plain(middlename_{x}) as middle_name, plain(surname_{x}) as surname,
            sex_of(sex_{x}) as sex, spoken_date(dob_{x}) as birth_date,
            uk_postcode(postcode_{x}) as postcode from file('{x}.csv.gz')"""
            for side, x in (("left", "a"), ("right", "b"))
        },
        {"forename": "forename", "middle_name": "forename", "surname": "surname", "sex": "sex",
         "birth_date": "date", "postcode": "postcode"},
        _PAIRS.format("record_id_a", "record_id_b"),
    ),
    LinkageSet(
        "ons-coverage", "Coverage survey (PES)", "linkage-ons-pes",
        {
            side: f"""select record_id, given(forename) as forename, plain(middlenm) as middle_name,
            plain(last_name) as surname, sex_of(sex) as sex, year as birth_year,
            month as birth_month, age, marstat as marital_status, relationship,
            plain(village) as village, whole(telephone) as telephone from file('{file}.csv.gz')"""
            for side, file in (("left", "census"), ("right", "pes"))
        },
        {"forename": "forename", "middle_name": "forename", "surname": "surname", "sex": "sex",
         "birth_year": "year", "birth_month": "category", "age": "code",
         "marital_status": "category", "relationship": "category", "village": "place",
         "telephone": "phone"},
        _PAIRS.format("record_id_census", "record_id_pes"),
        assign="many",
    ),
    LinkageSet(
        "historical-people", "Historical people", "linkage-historical-people",
        {"records": """select record_id, given(first_name) as forename, plain(surname) as surname,
            trim(dob) as birth_date, plain(birth_place) as birth_place,
            uk_postcode(postcode_fake) as postcode,
            case when gender in ('male', 'female') then gender[1:1] end as sex,
            plain(occupation) as occupation from file('records.csv.gz')"""},
        {"forename": "forename", "surname": "surname", "birth_date": "date",
         "birth_place": "place", "postcode": "postcode", "sex": "sex", "occupation": "text"},
        """select 'records' as "table", record_id as id, entity_id from file('truth.csv.gz')""",
        task="cluster", assign="many",
    ),
    *(
        LinkageSet(
            f"splink-fake-{size}", f"Splink fake {size}", "linkage-splink-fake",
            {"records": _FAKE.format(file=file)}, _FAKE_FIELDS,
            f"""select 'records' as "table", opaque(unique_id) as id, "{truth}" as entity_id
            from file('{file}')""",
            task="cluster", assign="many",
        )
        for size, file, truth in ((1000, "fake_1000.csv", "cluster"),
                                  (20000, "fake_20000.csv.gz", "group"))
    ),
    *(
        LinkageSet(
            f"febrl4{ending}", f"Febrl 4{title}", "linkage-febrl",
            {side: _FEBRL.format(file=f"dataset4{x}.csv.gz", extra=extra)
             for side, x in (("left", "a"), ("right", "b"))},
            fields,
            f"""select opaque(l.rec_id) as left_id, opaque(r.rec_id) as right_id
            from file('dataset4a.csv.gz') l join file('dataset4b.csv.gz') r
            on {_PERSON_OF.format("l.")} = {_PERSON_OF.format("r.")}""",
        )
        for ending, title, extra, fields in (
            ("", "", "", _FEBRL_FIELDS),
            ("-ssn", " with its number", ", whole(soc_sec_id) as social_security",
             {**_FEBRL_FIELDS, "social_security": "number"}),
        )
    ),
    LinkageSet(
        "febrl3", "Febrl 3", "linkage-febrl",
        {"records": _FEBRL.format(file="dataset3.csv.gz", extra="")}, _FEBRL_FIELDS,
        f"""select 'records' as "table", opaque(rec_id) as id, {_PERSON_OF.format("")} as entity_id
        from file('dataset3.csv.gz')""",
        task="cluster", assign="many",
    ),
    LinkageSet(
        "pseudo-census-social", "Pseudopeople: census, social security", "linkage-pseudopeople",
        {"left": f"{_CENSUS} from file('census.csv.gz')",
         "right": f"{_SOCIAL} from file('social_security.csv.gz')"},
        {"forename": "forename", "middle_initial": "category", "surname": "surname",
         "birth_date": "date", "sex": "sex"},
        _PSEUDO_PAIRS.format("census", "social_security"),
        assign="one-left",
    ),
    LinkageSet(
        "pseudo-social-tax", "Pseudopeople: social security, W-2 and 1099", "linkage-pseudopeople",
        {"left": f"{_SOCIAL}, whole(ssn) as social_security from file('social_security.csv.gz')",
         "right": f"{_TAX}, whole(ssn) as social_security from file('w2_1099.csv.gz')"},
        {"forename": "forename", "middle_initial": "category", "surname": "surname",
         "social_security": "number"},
        _PSEUDO_PAIRS.format("social_security", "w2_1099"),
        assign="many",
    ),
    LinkageSet(
        "pseudo-four", "Pseudopeople: four files", "linkage-pseudopeople",
        {
            "census": f"""{_CENSUS}, {_STREET.format("")}, null::varchar as social_security
            from file('census.csv.gz')""",
            "social_security": f"""{_SOCIAL}, {_NO_STREET}, whole(ssn) as social_security
            from file('social_security.csv.gz')""",
            "w2_1099": f"""{_TAX}, null::varchar as birth_date, null::varchar as sex,
            {_STREET.format("mailing_address_")}, whole(ssn) as social_security
            from file('w2_1099.csv.gz')""",
            "wic": f"""select {_PSEUDO_NAME.format(middle="middle_initial")},
            from_american_eight(date_of_birth) as birth_date, sex_of(sex) as sex,
            {_STREET.format("")}, null::varchar as social_security from file('wic.csv.gz')""",
        },
        {"forename": "forename", "middle_initial": "category", "surname": "surname",
         "birth_date": "date", "sex": "sex", "address": "address",
         "social_security": "number"},
        """select file as "table", record_id as id, entity_id from file('truth.csv.gz')""",
        task="cluster", assign="many",
    ),
)  # fmt: skip

SMALL: Final = {one.name: one for one in _SETS}
"""The sets with truth of ``shared/data``, by name."""
