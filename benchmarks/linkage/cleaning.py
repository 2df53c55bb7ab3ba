"""How every set's columns are cleaned, as DuckDB macros: one way for all systems and all sets."""

from __future__ import annotations

from typing import Final

MACROS: Final = r"""
create macro opaque(x) as left(md5('linkage' || trim(x)), 12);
create macro plain(x) as nullif(trim(regexp_replace(regexp_replace(
    lower(strip_accents(x)), '[''’`]', '', 'g'), '[^a-z0-9]+', ' ', 'g')), '');
create macro given(x) as nullif(trim(regexp_replace(plain(x),
    '^(mr|mrs|ms|miss|dr|prof|rev|sir)( |$)', '')), '');
create macro whole(x) as nullif(replace(plain(x), ' ', ''), '');
create macro email(x) as nullif(trim(lower(x)), '');
create macro uk_postcode(x) as case when length(whole(x)) > 4
    then upper(whole(x)[:-4]) || ' ' || upper(whole(x)[-3:]) else upper(whole(x)) end;
create macro sex_of(x) as case when lower(trim(x)) in ('1', 'm', 'male') then 'm'
    when lower(trim(x)) in ('2', 'f', 'female') then 'f' end;
create macro ymd(y, m, d) as case when y is null and m is null and d is null then null else
    coalesce(lpad(y, 4, '0'), '') || '-' || coalesce(lpad(m, 2, '0'), '') || '-'
    || coalesce(lpad(d, 2, '0'), '') end;
create macro full_ymd(y, m, d) as case when y is null or m is null or d is null then null
    else ymd(y, m, d) end;
create macro from_eight(x) as case when length(trim(x)) = 8
    then trim(x)[1:4] || '-' || trim(x)[5:6] || '-' || trim(x)[7:8] else nullif(trim(x), '') end;
create macro from_american(x) as case when trim(x) like '%/%/%'
    then split_part(trim(x), '/', 3) || '-' || split_part(trim(x), '/', 1) || '-'
    || split_part(trim(x), '/', 2) else nullif(trim(x), '') end;
create macro from_american_eight(x) as case when length(trim(x)) = 8
    then trim(x)[5:8] || '-' || trim(x)[1:2] || '-' || trim(x)[3:4] else nullif(trim(x), '') end;
create macro spoken_date(x) as strftime(coalesce(
    try_strptime(x, '%d-%m-%y'), try_strptime(x, '%d/%m/%y'),
    try_strptime(x, '%d %B %Y'), try_strptime(x, '%d-%b-%y')), '%Y-%m-%d');
"""
