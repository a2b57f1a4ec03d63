"""Jinja2: one environment a language, everything escaped, undefined names are errors."""

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from tradewind.web.speech import translations

_UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def json_for_html(value: object) -> Markup:
    """JSON that may stand inside a script element: nothing in it can close the element or open another."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for char, escaped in _UNSAFE.items():
        text = text.replace(char, escaped)
    return Markup(text)  # noqa: S704 - every character that HTML could read as markup was escaped above


def page(template: str, language: str, *, status: int = 200, cache_control: str = "no-store", **values: Any) -> HTMLResponse:
    """The rendered template as an answer."""
    html = environment(language).get_template(template).render(**values)
    return HTMLResponse(html, status_code=status, headers={"Cache-Control": cache_control, "Content-Language": language})


def part(template: str, language: str, **values: Any) -> Markup:
    """A rendered template as a part of other pages."""
    return Markup(environment(language).get_template(template).render(**values))  # noqa: S704 - the template escaped what it holds


@cache
def environment(language: str) -> Environment:
    """The templates, speaking `language`."""
    made = _Environment(
        loader=PackageLoader("tradewind.web"),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    made.globals["_"] = made.globals["gettext"] = words = _words(language)
    made.filters["json_for_html"] = json_for_html
    made.globals["asset"] = asset
    made.known = {"_": words, "asset": lambda name: escape(asset(name))}
    return made


class _Environment(Environment):
    """Works out once, when a template is compiled, what is the same on every page of a language: texts without values, and static addresses.

    They become part of the template's own text, so that a page neither calls for them nor escapes and joins them one by one.
    """

    known: Mapping[str, Callable[[str], Markup]] = MappingProxyType({})

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        found: nodes.Template = _Constants(self.known).visit(super()._parse(source, name, filename))
        return found


class _Constants(NodeTransformer):
    def __init__(self, known: Mapping[str, Callable[[str], Markup]]) -> None:
        self.known = known

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - the name is Jinja's
        self.generic_visit(node)
        given = node.args[0] if len(node.args) == 1 and not (node.kwargs or node.dyn_args or node.dyn_kwargs) else None
        if isinstance(given, nodes.Const) and isinstance(node.node, nodes.Name) and node.node.name in self.known:
            return nodes.Const(self.known[node.node.name](given.value), lineno=node.lineno)
        return node


def _words(language: str) -> Callable[..., Markup]:
    """What templates call for a text: Jinja's own way through its context was a tenth of a page."""
    texts, whole = translations(language), dict[str, Markup]()

    def gettext(message: str, /, **values: Any) -> Markup:
        if values:
            return Markup(texts.gettext(message)) % values  # noqa: S704 - texts are the translators' own; values are escaped
        found = whole.get(message)
        if found is None:
            found = whole[message] = Markup(texts.gettext(message)) % {}  # noqa: S704
        return found

    return gettext


@cache
def asset(name: str) -> str:
    """The address of a static file with its content's hash, so that browsers may keep it for ever."""
    content = resources.files("tradewind.web").joinpath(f"static/{name}").read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"
