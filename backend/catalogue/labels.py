"""The Chinese names of a service item's elements (GB/T 39554.2), as people at a department call
them: in the published schema of a manifest, and where two revisions are compared.
"""

from collections.abc import Mapping
from typing import Any

from backend.catalogue.items import Elements

ELEMENTS: Mapping[str, str] = {
    "task_name": "事项名称",
    "plain_name": "通俗名称",
    "catalog_code": "基本编码",
    "task_code": "实施编码",
    "task_type": "事项类型",
    "by_law": "设定依据",
    "power_source": "权力来源",
    "use_level": "行使层级",
    "task_state": "事项状态",
    "task_version": "事项版本",
    "dept_name": "实施主体",
    "dept_code": "实施主体编码",
    "dept_type": "实施主体性质",
    "entrust_name": "委托部门",
    "anticipate_day": "法定办结时限",
    "anticipate_type": "法定办结时限单位",
    "anticipate_explain": "法定办结时限说明",
    "promise_day": "承诺办结时限",
    "promise_type": "承诺办结时限单位",
    "promise_explain": "承诺办结时限说明",
    "accept_condition": "受理条件",
    "handle_flow": "办理流程",
    "special_procedure": "特别程序",
    "is_fee": "是否收费",
    "fee_basis": "收费依据",
    "fees": "收费项目",
    "server_type": "服务对象",
    "project_type": "办件类型",
    "handle_type": "办理形式",
    "limit_scene_num": "到办事现场次数",
    "limit_scene_explain": "必须现场办理原因说明",
    "transact_addr": "办理地点",
    "transact_time": "办理时间",
    "link_way": "咨询方式",
    "supervise_way": "监督投诉方式",
    "link_addr": "咨询地址",
    "mobile_terminal_url": "移动端办理地址",
    "is_single_login": "是否单点登录",
    "app_is_single_login": "移动端是否单点登录",
    "plan_effective_date": "计划生效日期",
    "plan_cancel_date": "计划取消日期",
    "materials": "申请材料",
    "is_entry_center": "是否进驻大厅",
    "handle_area": "通办范围",
    "other_dept": "联办机构",
    "service_type": "服务类别",
    "limit_explain": "数量限制",
    "result_type": "审批结果类型",
    "result_name": "审批结果名称",
    "result_sample": "审批结果样本",
    "is_schedule": "是否支持预约",
    "is_pay_online": "是否支持网上支付",
    "is_express": "是否支持物流快递",
    "is_service_terminals": "是否支持自助终端",
    "is_online": "是否网上办理",
    "online_handle_depth": "网办深度",
    "online_handle_url": "网上办理地址",
    "form": "申请表单",
    "faqs": "常见问题",
    "themes": "主题分类",
    "keywords": "关键词",
    "regions": "开通地区",
    "hot": "是否高频",
    "min_level": "办理所需等级",
    "licence_type_results": "结果证照类型",
}

PARTS: Mapping[str, str] = {
    "material_name": "材料名称",
    "material_type": "材料类型",
    "material_format": "材料形式",
    "source_type": "来源渠道",
    "source_explain": "来源说明",
    "page_num": "份数",
    "page_format": "规格",
    "is_need": "材料必要性",
    "accept_stand": "受理标准",
    "fill_explain": "填报须知",
    "form_guid": "空白表格",
    "example_guid": "示例样表",
    "licence_type_code": "可替代的证照",
    "exempt_by_share": "是否免提交",
    "commitment": "告知承诺内容",
    "fee_name": "收费项目名称",
    "fee_stand": "收费标准",
    "by_law": "依据",
    "is_desc": "是否可减免",
    "desc_explain": "减免说明",
    "question": "问题",
    "answer": "解答",
    "stage": "环节",
    "explain": "说明",
    "schema": "表单结构",
    "ui": "展示提示",
}


def item_schemas(prefix: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The JSON Schema of an item as a manifest gives it in full, and of its short form.

    Args:
        prefix: where the definitions will stand, ``#/$defs/``.

    Returns:
        The schema of ``service_items``, and the definitions that it refers to.
    """
    schema = Elements.model_json_schema(ref_template=prefix + "{model}")
    parts: dict[str, Any] = schema.pop("$defs", {})
    for name, described in schema["properties"].items():
        described["title"] = ELEMENTS[name]
    for part in parts.values():
        for name, described in part.get("properties", {}).items():
            described["title"] = PARTS[name]
    # The three that the department itself supplies, or that follow from the others.
    schema["required"] = [
        name for name in schema["required"] if name not in ("dept_name", "dept_code", "task_code")
    ]
    schema["title"], schema["description"] = "事项", "一个事项的全部要素（GB/T 39554.2）"
    short = {
        "type": "object",
        "title": "事项（简写格式）",
        "description": "共同内容写一次：defaults、presets、materials、licences，见 compact.py",
        "required": ["items", "catalog_department"],
        "properties": {
            "catalog_department": {
                "type": "string",
                "pattern": "^\\d{2}$",
                "title": "业务主管部门代码",
            },
            "licences": {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "title": "证照名称与代码",
            },
            "defaults": {"type": "object", "title": "各事项共同内容"},
            "presets": {
                "type": "object",
                "additionalProperties": {"type": "object"},
                "title": "分组共同内容",
            },
            "materials": {
                "type": "object",
                "additionalProperties": {"type": "object"},
                "title": "共用材料",
            },
            "items": {
                "type": "array",
                "title": "事项列表",
                "items": {
                    "type": "object",
                    "required": ["code", "task_name", "plain_name"],
                    "properties": {
                        "code": {"type": "string", "pattern": "^\\d{6}$", "title": "主项和子项"},
                        "task_name": {"type": "string", "minLength": 1, "title": "事项名称"},
                        "plain_name": {"type": "string", "minLength": 1, "title": "通俗名称"},
                        "form": {"anyOf": [{"$ref": prefix + "Form"}, {"type": "null"}]},
                    },
                },
            },
        },
    }
    items = {
        "title": "事项",
        "default": [],
        "anyOf": [
            {
                "type": "array",
                "items": {"$ref": prefix + "ServiceItem"},
                "title": "事项（完整格式）",
            },
            short,
        ],
    }
    return items, {**parts, "ServiceItem": schema}
