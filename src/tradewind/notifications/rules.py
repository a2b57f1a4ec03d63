"""How a mail is written: one template for its text, one for its HTML, in the language of whom it is for. Pure."""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from tradewind.content import Speech, translations
from tradewind.notifications.model import Attachment, Mail, Sender

MAIL_LANGUAGES = ("en", "de", "th", "zh")


def compose(
    template: str,
    to: str,
    reference: str,
    sender: Sender,
    *,
    language: str,
    country: str,
    attachments: tuple[Attachment, ...] = (),
    **values: Any,
) -> Mail:
    """The mail of a template; its first text line is the subject. A language without texts is served in English."""
    known = language if language in MAIL_LANGUAGES else "en"
    speech = Speech(known, country, _texts(known))
    given = values | {"sender": sender, "speech": speech}
    subject, _, text = _environment(known, is_html=False).get_template(f"{template}.txt").render(**given).partition("\n")
    html = _environment(known, is_html=True).get_template(f"{template}.html").render(**given, subject=subject)
    return Mail(reference, to, " ".join(subject.split()), text.strip() + "\n", html, known, sender, attachments)


def _texts(language: str) -> Any:
    return translations("tradewind.notifications", "notifications", language)


@cache
def _environment(language: str, *, is_html: bool) -> Environment:
    made = Environment(
        loader=PackageLoader("tradewind.notifications"),
        extensions=["jinja2.ext.i18n"],
        autoescape=is_html,  # noqa: S701 - the other half of a mail is plain text, where nothing is markup
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_translations(_texts(language), newstyle=True)  # type: ignore[attr-defined]
    return made
