"""What forms say of a value or a file they cannot take."""

from django.utils.translation import gettext as _

from tongdian.case.content import RefusedUpload
from tongdian.kernel.identifiers import InvalidIdentifier


def identifier_message(error: InvalidIdentifier) -> str:
    """Say which character of an identifier is wrong and why."""
    reasons = {
        "length": _("应为 %(expected)s 位，现在是 %(length)s 位。"),
        "character": _("第 %(position)s 位“%(character)s”不能出现在这里，允许：%(expected)s。"),
        "region": _("前两位不是省级行政区划代码，请与证件核对。"),
        "date": _("第 7 至 14 位应是出生日期，现在的数字不是一个存在的日期，请与证件核对。"),
        "check_digit": _("最后一位校验码不对：按前面各位推算应为“%(expected)s”，现在是“%(character)s”。请逐位核对。"),
    }
    return reasons[error.reason] % {
        "position": error.position,
        "character": error.character,
        "expected": error.expected,
        "length": len(error.value),
    }


def refusal_words(error: RefusedUpload) -> str:
    """Say why a file was refused and what to do."""
    return {
        "empty": _("文件是空的，请重新选择。"),
        "too_large": _("文件太大，请压缩或拆分后再上传。"),
        "format": _("只收 PDF、JPG 和 PNG 文件，请转换格式后再上传。"),
        "extension": _("文件内容与扩展名不一致，请用原来的格式重新保存。"),
        "broken": _("文件不完整或已损坏，请重新生成后再上传。"),
        "too_many_pixels": _("图片尺寸太大，请缩小后再上传。"),
        "infected": _("安全检查没有通过，这个文件不能上传。"),
    }[error.reason]
