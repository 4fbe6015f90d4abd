"""What the tests of mails with a link have in common."""

MAILS = {
    "AYRSHARE_EMAIL_COMPANY": "Acme Social",
    "AYRSHARE_EMAIL_CONTACT": "help@acme.example",
    "AYRSHARE_EMAIL_TERMS_URL": "https://acme.example/terms",
    "AYRSHARE_EMAIL_PRIVACY_URL": "https://acme.example/privacy",
}
