import json

from django import forms, template
from django.core.serializers.json import DjangoJSONEncoder

from web.forms import Error
from web.forms import error_list as list_errors

register = template.Library()


@register.filter
def as_json(value: object) -> str:
    """For an attribute that a script reads: the policy allows no scripts with data in the page."""
    return json.dumps(value, cls=DjangoJSONEncoder)


@register.filter
def error_list(form: forms.BaseForm) -> list[Error]:
    return list_errors(form)
