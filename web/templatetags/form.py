from django import forms, template

from web.forms import Error
from web.forms import error_list as list_errors

register = template.Library()


@register.filter
def error_list(form: forms.BaseForm) -> list[Error]:
    return list_errors(form)
