"""What the ledger may say of accounts: who was let in, how, and who locked whom out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from equipoise.account.deed import Deed, Kind

_WHOSE: Final[Mapping[str, Kind]] = {"person": "person"}

OF_ACCOUNTS: Final[Mapping[str, Deed]] = {
    "account invited": Deed(
        "account",
        "{who} invited {person} to open an account, until {ends}.",
        must={**_WHOSE, "ends": "moment"},
        binds=False,
    ),
    "account opened": Deed(
        "account",
        "{person} opened their account[{anew? anew:}], to sign in with {way}.",
        must={**_WHOSE, "way": ("a password", "an outside identity")},
        may={"anew": "yes/no"},
        binds=False,
    ),
    "password changed": Deed("account", "{person} changed their password.", _WHOSE, binds=False),
    "second factor set": Deed(
        "account",
        "{person} set up the second factor of their account.",
        _WHOSE,
        binds=False,
    ),
    "recovery codes made": Deed(
        "account",
        "{person} had new recovery codes made.",
        _WHOSE,
        binds=False,
    ),
    "recovery code used": Deed(
        "account",
        "{person} signed in with a recovery code; {left|code} left.",
        must={**_WHOSE, "left": "count"},
        binds=False,
    ),
    "account locked": Deed("account", "{who} locked the account of {person}.", _WHOSE, binds=False),
    "account unlocked": Deed(
        "account", "{who} unlocked the account of {person}.", _WHOSE, binds=False
    ),
    "signed out everywhere": Deed(
        "account", "{who} ended every session of {person}.", _WHOSE, binds=False
    ),
}
