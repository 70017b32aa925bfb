"""What became of a call, in a few words: whoever reads the log is no programmer."""

from collections.abc import Mapping

RESULT_WORDS: Mapping[str, str] = {
    "ok": "成功",
    "sharing.resource_not_shared": "资源不予共享",
    "sharing.grant_missing": "没有授权",
    "sharing.mode_not_offered": "共享方式未授权",
    "sharing.purpose_differs": "用途与授权不符",
    "sharing.grant_expired": "授权已到期",
    "sharing.grant_suspended": "授权已暂停",
    "sharing.grant_revoked": "授权已终止",
    "sharing.address_not_allowed": "来源地址未授权",
    "sharing.case_missing": "缺办件编号",
    "sharing.field_not_granted": "信息项未授权",
    "sharing.subject_kind_wrong": "证件类型不符",
    "sharing.request_id_reused": "请求编号重复使用",
    "sharing.quota_used_up": "当日额度用完",
    "sharing.record_refused": "返回内容与登记不符",
    "sharing.log_unavailable": "记录无法保存",
    "upstream.unavailable": "系统暂时不可用",
    "upstream.timeout": "系统应答超时",
    "upstream.busy": "系统请求过多",
    "upstream.open": "系统已熔断",
    "upstream.throttled": "系统要求稍后再试",
    "upstream.maintenance": "系统维护中",
    "upstream.suspended": "系统已暂停",
    "upstream.untrusted": "应答不可信（签名、结构或大小）",
    "lending.identifier_unknown": "没有这个证照标识",
    "lending.holder_has_none": "没有这类证照",
    "lending.source_silent": "颁发系统没有应答",
    "wallet.identifier_not_offered": "颁发系统不支持按标识查询",
}


def result_words(code: str) -> str:
    """The words of a result; its code where there are none."""
    return RESULT_WORDS.get(code, code)
