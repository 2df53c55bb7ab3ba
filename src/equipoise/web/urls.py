"""Every address of the site. ``tests/web`` holds that each wants a session or says it does not."""

from __future__ import annotations

from django.urls import path

from equipoise.web.pages import (
    account,
    cards,
    elsewhere,
    home,
    initiatives,
    people,
    register,
    sign_in,
    survey_public,
    surveys,
)

handler400 = "equipoise.web.refusals.makes_no_sense"
handler403 = "equipoise.web.refusals.not_allowed"
handler404 = "equipoise.web.refusals.not_found"
handler500 = "equipoise.web.refusals.failed"

urlpatterns = [
    path("", home.home, name="home"),
    path("health", home.health, name="health"),
    path("sign-in", sign_in.sign_in, name="sign-in"),
    path("sign-in/as", sign_in.step_in, name="step-in"),
    path("sign-in/code", sign_in.code, name="code"),
    path("sign-in/elsewhere", elsewhere.leave, name="elsewhere"),
    path("sign-in/elsewhere/return", elsewhere.come_back, name="elsewhere-return"),
    path("sign-out", sign_in.sign_out, name="sign-out"),
    path("account/", account.account, name="account"),
    path("account/password", account.password, name="password"),
    path("account/second-factor", account.set_up, name="second-factor"),
    path("account/recovery-codes", account.new_codes, name="recovery-codes"),
    path("account/sign-out-everywhere", account.everywhere, name="everywhere"),
    path("cards/", cards.cards, name="cards"),
    path("cards/<str:card_id>/", cards.card, name="card"),
    path("initiatives/", initiatives.initiatives, name="initiatives"),
    path("initiatives/new", initiatives.new, name="initiative-new"),
    path("initiatives/new/own", initiatives.new_own, name="initiative-own"),
    path("initiatives/<str:name>/", initiatives.initiative, name="initiative"),
    path("initiatives/<str:name>/card", initiatives.change, name="initiative-change"),
    path("initiatives/<str:name>/put", initiatives.put, name="initiative-put"),
    path("surveys/", surveys.surveys, name="surveys"),
    path("surveys/new", surveys.new, name="survey-new"),
    path("surveys/<str:name>/", surveys.survey, name="survey"),
    path("surveys/<str:name>/idea", surveys.idea, name="survey-manage-idea"),
    path("surveys/<str:name>/close", surveys.close, name="survey-close"),
    path("surveys/<str:name>/report.json", surveys.report, name="survey-report"),
    path("survey/<str:name>/", survey_public.vote, name="survey-vote"),
    path("survey/<str:name>/idea", survey_public.idea, name="survey-idea"),
    path("survey/<str:name>/results", survey_public.results, name="survey-results"),
    path("people/", people.people, name="people"),
    path("people/invite", people.invite_one, name="invite"),
    path("people/change", people.change_one, name="change-account"),
    path("invitation/<str:token>", people.invitation, name="invitation"),
    path("register/", register.register, name="register"),
    path("register/<path:path>", register.register, name="register-file"),
]
