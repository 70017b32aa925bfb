"""What the sandbox's departments share from the first start on, and a call to try it by hand."""

import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backend.operators.service import Officer
    from backend.province import Province
    from backend.sandbox.departments.registry import Department
    from backend.sharing.service import Wish
    from backend.upstream.signing import SigningKey

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class SandboxShare:
    """An application that is made when the sandbox is prepared.

    Attributes:
        ends: ``granted``, or the stage at which it is left for whoever tries the console.
    """

    system: str
    resource: str
    fields: tuple[str, ...]
    purpose: str
    legal_basis: str
    mode: str = "interface"
    case_bound: bool = True
    daily_quota: int = 5000
    ends: str = "granted"


def compared(
    system: str, resource: str, fields: tuple[str, ...], purpose: str, legal_basis: str
) -> SandboxShare:
    """Data by which many people or enterprises are compared, outside of any case."""
    return SandboxShare(
        system, resource, fields, purpose, legal_basis, case_bound=False, daily_quota=200_000
    )


SHARES = (
    SandboxShare(
        "gd-minzheng", "301146/0001", ("employer", "balance", "last_deposit_month", "state"),
        "办理最低生活保障时核对申请人家庭经济状况", "《社会救助暂行办法》第五十八条",
    ),
    SandboxShare(
        "gd-gjj", "301154/0001", ("number", "registered_on", "status"),
        "办理夫妻共同提取住房公积金时核验婚姻状况", "《住房公积金管理条例》第二十四条",
    ),
    SandboxShare(
        "gd-renshe", "101001/0001", ("name", "sex", "birth_date", "life_status"),
        "办理养老保险待遇资格认证时核验人员状态", "《社会保险经办条例》第二十二条", "batch",
    ),
    SandboxShare(
        "gd-weijian", "301111/0001", ("household_number", "relation", "members"),
        "办理“出生一件事”时核验父母户籍", "《中华人民共和国户口登记条例》第七条",
    ),
    SandboxShare(
        "gd-minzheng", "301123/0001", ("state", "paid_months", "pension"),
        "社会救助对象年度复核", "《社会救助暂行办法》第五十八条", "file",
        case_bound=False, daily_quota=200_000,
    ),
    SandboxShare(
        "gd-yibao", "102001/0001", ("number", "kind", "legal_representative", "status"),
        "办理单位参保登记时核验登记信息", "《优化营商环境条例》第三十七条",
        case_bound=False,
    ),
    SandboxShare(
        "gd-gongan", "301123/0001", ("state", "paid_months"),
        "办理积分入户时核验参保情况", "《居住证暂行条例》第十六条", ends="review",
    ),
    SandboxShare(
        "gd-gjj", "301170/0001", ("count", "mortgage"),
        "办理购房提取时核验住房情况", "《住房公积金管理条例》第二十四条", ends="provider",
    ),
    # What fills a form in is read before there is a case.
    SandboxShare(
        "gd-renshe", "301146/0001", ("employer",),
        "办理失业保险金申领时预填原单位名称", "《失业保险条例》第十六条",
        case_bound=False,
    ),
    compared(
        "gd-minzheng", "101001/0001", ("region_code", "life_status",),
        "高龄津贴等待遇的主动比对", "《中华人民共和国老年人权益保障法》第三十三条",
    ),
    compared(
        "gd-minzheng", "301111/0001", ("relation",),
        "高龄津贴等待遇核验本省户籍", "《中华人民共和国老年人权益保障法》第三十三条",
    ),
    compared(
        "gd-minzheng", "301170/0001", ("count",),
        "养老服务补贴核对家庭经济状况", "《社会救助暂行办法》第五十八条",
    ),
    compared(
        "gd-renshe", "104001/0001", ("credit_grade",),
        "惠企补贴核验纳税信用", "《优化营商环境条例》第三十七条",
    ),
    compared(
        "gd-renshe", "301189/0002", ("state",),
        "惠企补贴核验年报报送", "《优化营商环境条例》第三十七条",
    ),
    compared(
        "gd-shijian", "104001/0001", ("credit_grade",),
        "质量认证补贴核验纳税信用", "《优化营商环境条例》第三十七条",
    ),
    compared(
        "gd-shijian", "301123/0003", ("insured_staff",),
        "质量认证补贴核验企业规模", "《优化营商环境条例》第三十七条",
    ),
    compared(
        "gd-shuiwu", "301123/0003", ("insured_staff",),
        "小型微利企业优惠提示核验从业人数", "《优化营商环境条例》第三十七条",
    ),
)  # fmt: skip


async def share_in_sandbox(
    province: "Province", officers: "dict[str, Officer]", say: Callable[[str], None]
) -> None:
    """Take the sandbox's applications through their stages, by the demo accounts; once.

    Args:
        officers: the demo accounts by username.
    """
    if not officers:
        return
    await province.exchange.reload()
    await province.sharing.reload()
    made = 0
    for share in SHARES:
        made += await _share(province, officers, share)
    if made:
        say(f"数据共享申请 {made} 份已办理 · applications and grants between the departments")


async def _share(province: "Province", officers: "dict[str, Officer]", share: SandboxShare) -> bool:
    applications, clerk = province.sharing.applications, officers.get(f"{share.system}.clerk")
    resource = province.sharing.catalogue.find(share.resource)
    if clerk is None or resource is None or province.exchange.system(share.system) is None:
        return False
    known = await applications.page(clerk, limit=500)
    if any(
        (each.row.system_code, each.row.resource_code) == (share.system, share.resource)
        for each in known.applications
    ):
        return False
    row = (await applications.draft(clerk, _wish(province, share))).row
    await applications.submit(clerk, row.id)
    await applications.approve(officers[f"{share.system}.head"], row.id)
    if share.ends == "review":
        return True
    await applications.approve(officers["operator"], row.id)
    if share.ends != "provider":
        await applications.consent(officers[f"{resource.system.code}.head"], row.id)
    return True


def _wish(province: "Province", share: SandboxShare) -> "Wish":
    from backend.sharing.service import Wish

    return Wish(
        system=share.system,
        resource=share.resource,
        fields=share.fields,
        purpose=share.purpose,
        legal_basis=share.legal_basis,
        scenario=share.purpose,
        mode=share.mode,  # type: ignore[arg-type]
        case_bound=share.case_bound,
        daily_quota=share.daily_quota,
        addresses=(),
        valid_until=province.calendar.today() + YEAR,
    )


class CallRefused(Exception):
    """The gateway refused; the message is for the person at the command line."""


def ask(
    gateway: str,
    department: "Department",
    key: "SigningKey",
    resource: str,
    subjects: Sequence[tuple[str, str, str]],
    purpose: str | None,
    case_no: str | None,
) -> dict[str, Any]:
    """Make a signed call as a sandbox department's system.

    Args:
        gateway: its address; subjects: kind of number, number, name.
        purpose: by default that of the sandbox's own grant.

    Raises:
        CallRefused: with the gateway's words.
    """
    from backend.upstream.signing import sign_request

    path = f"/api/v1/exchange/resources/{resource.replace('/', '-')}/query"
    body = json.dumps(
        {
            "request_id": str(uuid.uuid4()),
            "purpose": purpose or _purpose(department.system_code, resource),
            "case_no": case_no,
            "subjects": [
                {"code_type": kind, "code": code, "name": name} for kind, code, name in subjects
            ],
        }
    ).encode()
    headers = sign_request(key, "POST", path, "", body)
    request = urllib.request.Request(  # noqa: S310 (an address that a person gave)
        gateway + path, data=body, headers={**headers, "content-type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=15) as answer:  # noqa: S310
            found: dict[str, Any] = json.loads(answer.read())
            return found
    except urllib.error.HTTPError as error:
        problem = json.loads(error.read() or b"{}")
        raise CallRefused(
            f"{problem.get('detail', error.reason)} ({problem.get('code', error.code)})"
        ) from None
    except urllib.error.URLError as error:
        raise CallRefused(f"{gateway} does not answer: {error.reason}") from None


def _purpose(system: str, resource: str) -> str:
    code = resource.replace("-", "/")
    for share in SHARES:
        if (share.system, share.resource) == (system, code):
            return share.purpose
    return "试用"
