"""Says in the reader's words why a file was refused."""

from django.utils.translation import gettext as _

from tongdian.case.content import RefusedUpload


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
