"""`{% module "editor/page.js" %}`: a script of ours, and the names of all that it imports, so that a browser fetches
them at once instead of level after level. `{% modules_for_later %}` does the second alone, behind everything else.
"""

from __future__ import annotations

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ivle.assets import release

register = template.Library()


@register.simple_tag
def module(name: str) -> SafeString:
    links = format_html_join("\n  ", '<link rel="modulepreload" href="{}">', ((one,) for one in addresses(name)[1:]))
    return format_html('<script type="module" src="{}"></script>\n  {}', static(name), links)


@register.simple_tag
def modules_for_later(name: str, after: str) -> SafeString:
    """Of a module that is fetched when there is time, without those that `after` has fetched already."""
    known = set(addresses(after))
    wanted = ((one,) for one in addresses(name) if one not in known)
    return format_html_join("\n  ", '<link rel="modulepreload" fetchpriority="low" href="{}">', wanted)


def addresses(name: str) -> list[str]:
    """With IVLE_DEBUG of the module alone: what it imports may change while the site runs."""
    return [static(one) for one in ((name,) if settings.DEBUG else release().modules(name))]
