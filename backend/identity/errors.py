"""Refusals of the identity package."""

from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from backend.errors import DomainError, WaitFor
from backend.identity.levels import Level

BEIJING = timezone(timedelta(hours=8))


class IdentityError(DomainError):
    """Base of everything that can go wrong around who someone is."""


class SessionMissing(IdentityError):
    """No access token, or one that is not ours."""

    code = "identity.session_missing"
    title = "Not logged in"
    detail = "请先登录。"
    kind = "unauthenticated"


class SessionExpired(IdentityError):
    """The token was ours, but has run out or was ended from another device."""

    code = "identity.session_expired"
    title = "The session has ended"
    detail = "登录已过期，请重新登录。"
    kind = "unauthenticated"


_UNLOCKS = {
    Level.PHONE: "请先绑定手机号。",
    Level.SELF_DECLARED: "请先填写本人信息。",
    Level.REAL_NAME: "请先完成实名认证，大约需要一分钟。",
    Level.FACE: "请先刷脸确认是您本人，大约需要半分钟。",
    Level.CERTIFICATE: "请使用数字证书登录，或到政务服务窗口办理。",
}


class LevelTooLow(IdentityError):
    """The session is real, but not sure enough for what was asked."""

    code = "identity.level_too_low"
    title = "A higher assurance level is required"
    kind = "forbidden"

    def __init__(self, required: Level) -> None:
        self.required = required
        super().__init__(_UNLOCKS.get(required, "请先登录。"))

    def context(self) -> dict[str, Any]:
        return {"required_level": int(self.required)}


class SessionUnknown(IdentityError):
    """No such session among the person's own."""

    code = "identity.session_unknown"
    title = "No such session"
    detail = "没有找到这台设备的登录记录，它可能已经退出。"
    kind = "not_found"


class RefreshReused(IdentityError):
    """A refresh token came back after it had been exchanged: the whole family has been ended."""

    code = "identity.refresh_reused"
    title = "The refresh token was used before; the session has been ended"
    detail = "为保护您的账号，这次登录已被结束，请重新登录。"
    kind = "unauthenticated"

    def __init__(self, person_id: UUID) -> None:
        self.person_id = person_id
        super().__init__()


class PhoneInvalid(IdentityError):
    """Not a mobile number of the mainland, Hong Kong, Macao or Taiwan."""

    code = "identity.phone_invalid"
    title = "Not a mobile number"
    detail = "手机号不对，请核对；港澳台号码请加上区号，如 +852。"
    kind = "invalid"


class CodeWrong(IdentityError):
    """The SMS code is wrong, was used, has run out or was never sent: one answer for all."""

    code = "identity.code_wrong"
    title = "The code is wrong or has expired"
    detail = "验证码不对或已失效，请核对后再试，或重新获取验证码。"
    kind = "invalid"


class SmsUnavailable(IdentityError):
    """No way to send a text message is set up."""

    code = "identity.sms_unavailable"
    title = "Text messages cannot be sent"
    detail = "短信服务暂时不可用，请稍后再试，或用微信登录。"


class SmsTooSoon(IdentityError, WaitFor):
    """A code was sent to this phone less than a minute ago."""

    code = "identity.sms_too_soon"
    title = "A code was sent a moment ago"
    detail = "验证码刚刚已发送，请稍等再获取。"


class Locked(IdentityError, WaitFor):
    """Too many tries by this person, phone, address or device; says until when."""

    code = "identity.locked"
    title = "Too many tries"
    detail = "尝试次数过多，请稍后再试；急办请拨打 12345。"

    def __init__(self, retry_after: int) -> None:
        self.until = datetime.now(BEIJING) + timedelta(seconds=retry_after)
        today = self.until.date() == datetime.now(BEIJING).date()
        when = f"{self.until:%H:%M}" if today else f"{self.until:%m月%d日 %H:%M}"
        super().__init__(retry_after, f"尝试次数过多，请于 {when} 以后再试；急办请拨打 12345。")

    def context(self) -> dict[str, Any]:
        return {**super().context(), "until": self.until.isoformat(timespec="seconds")}


class ConsentRequired(IdentityError):
    """The person has not agreed to the current version of the privacy policy or face notice."""

    code = "identity.consent_required"
    title = "Consent is required"
    detail = "请先阅读并同意相关协议。"
    kind = "forbidden"

    def __init__(self, consent: str, version: str) -> None:
        self.consent, self.version = consent, version
        name = {"privacy": "隐私政策", "face": "人脸信息处理告知"}.get(consent, "相关协议")
        super().__init__(f"请先阅读并同意《{name}》。")

    def context(self) -> dict[str, Any]:
        return {"consent": self.consent, "version": self.version}


class AgreementNotFound(IdentityError):
    """There is no agreement of that kind."""

    code = "identity.agreement_not_found"
    title = "No such agreement"
    detail = "没有这份协议，请返回上一页。"
    kind = "not_found"


class AgreementOutdated(IdentityError):
    """Consent was given to a version that is no longer in force."""

    code = "identity.agreement_outdated"
    title = "The agreement has a newer version"
    detail = "协议已更新，请阅读最新版本后再同意。"
    kind = "conflict"

    def __init__(self, version: str) -> None:
        self.version = version
        super().__init__()

    def context(self) -> dict[str, Any]:
        return {"version": self.version}


class WeChatCodeSpent(IdentityError):
    """The code of wx.login or getPhoneNumber is wrong, used or has run out (40029, 40163)."""

    code = "identity.wechat_code_spent"
    title = "The WeChat code is wrong, used or expired"
    detail = "微信登录已失效，请再点一次登录。"
    kind = "invalid"


class WeChatTooMany(IdentityError, WaitFor):
    """WeChat limits how often one account may log in (45011)."""

    code = "identity.wechat_too_many"
    title = "Too many WeChat log-ins"
    detail = "微信登录太频繁，请一分钟后再试。"


class WeChatBlocked(IdentityError):
    """WeChat blocks this account as risky (40226)."""

    code = "identity.wechat_blocked"
    title = "WeChat blocks this account"
    detail = "微信提示此账号存在风险，暂不能登录；请改用手机号验证码登录。"
    kind = "forbidden"


class WeChatUnavailable(IdentityError):
    """WeChat does not answer, or answers what cannot be used."""

    code = "identity.wechat_unavailable"
    title = "WeChat is unavailable"
    detail = "微信服务暂时不可用，请稍后再试，或改用手机号验证码登录。"


class WeChatRequired(IdentityError):
    """This step needs a session that was opened through WeChat."""

    code = "identity.wechat_required"
    title = "Only in a session opened through WeChat"
    detail = "请在微信小程序中进行这一步，或改用拍照方式刷脸。"
    kind = "conflict"


class WeChatBoundElsewhere(IdentityError):
    """The WeChat account belongs to another verified person, and so does the session."""

    code = "identity.wechat_bound_elsewhere"
    title = "The WeChat account belongs to another person"
    detail = "此微信已由另一位用户实名使用；请用您自己的手机号登录后再认证。"
    kind = "conflict"


class NameInvalid(IdentityError):
    """Not a name as it stands on a document."""

    code = "identity.name_invalid"
    title = "Not a name"
    detail = "姓名填写有误，请按证件上的姓名填写，不含表情和特殊符号。"
    kind = "invalid"


class IdNumberInvalid(IdentityError):
    """Not a 公民身份号码 (GB 11643) nor a number of a 外国人永久居留身份证."""

    code = "identity.id_number_invalid"
    title = "Not an identity number"
    detail = "身份证号码有误，请核对后重新填写。"
    kind = "invalid"


class GuardianRequired(IdentityError):
    """Under 14: personal information is handled only with a guardian's consent (PIPL art. 31)."""

    code = "identity.guardian_required"
    title = "Under 14: a guardian acts"
    detail = "未满十四周岁，请由父母或其他监护人到政务服务窗口代为办理。"
    kind = "forbidden"


class NotMatched(IdentityError):
    """Name and number do not belong together, or the number does not exist: one answer."""

    code = "identity.not_matched"
    title = "Name and number do not match"
    detail = "姓名与身份证号码核对未通过，请检查是否与证件一致；仍有疑问请拨打 12345。"
    kind = "invalid"


class AlreadyVerified(IdentityError):
    """The session is verified, but for somebody else."""

    code = "identity.already_verified"
    title = "Verified as another person"
    detail = "此账号已完成实名认证，不能改为他人；家人请用自己的手机号登录。"
    kind = "conflict"


class PersonDeceased(IdentityError):
    """The authority says that the person has died; an account of theirs has been closed."""

    code = "identity.person_deceased"
    title = "The person has died"
    detail = "该身份信息已注销，不能用于登录；亲属需要办理相关事项，请拨打 12345 或到窗口咨询。"
    kind = "forbidden"


class NumberReplaced(IdentityError):
    """The number was replaced by another one; the person has to give the new one."""

    code = "identity.number_replaced"
    title = "The identity number was replaced"
    detail = "您的公民身份号码已变更，请用现在证件上的号码认证，原有资料会为您保留。"
    kind = "conflict"


class FaceRequiredToMove(IdentityError):
    """The person has an account with another phone; a face check brings this phone to it."""

    code = "identity.face_required_to_move"
    title = "A face check is required to move the phone"
    detail = "您已有账号，绑定的是其他手机号。刷脸确认是您本人后，就能改用这个手机号。"
    kind = "forbidden"

    def context(self) -> dict[str, Any]:
        return {"required_level": int(Level.FACE)}


class AuthorityMissing(IdentityError):
    """No registered system offers identity matching or face verification."""

    code = "identity.authority_missing"
    title = "No system verifies identities"
    detail = "实名认证服务暂时不可用，请稍后再试；急办请拨打 12345。"


class PictureInvalid(IdentityError):
    """The photo is not a JPEG or PNG in base64."""

    code = "identity.picture_invalid"
    title = "Not a JPEG or PNG picture"
    detail = "照片无法识别，请重新拍照（JPEG 或 PNG 格式）。"
    kind = "invalid"


class PictureTooLarge(IdentityError):
    """The photo is larger than 2 MB."""

    code = "identity.picture_too_large"
    title = "The picture is larger than 2 MB"
    detail = "照片太大，请压缩到 2 MB 以内后再试。"
    kind = "too_large"


class FaceNotPassed(IdentityError):
    """The face check says that it is somebody else, or could not tell."""

    code = "identity.face_not_passed"
    title = "The face check was not passed"
    detail = "没有确认是您本人，请在光线好的地方正对镜头再试，或到政务服务窗口办理。"
    kind = "invalid"


class FaceCheckUnknown(IdentityError):
    """No such face check is under way in this session: never begun, used or run out."""

    code = "identity.face_check_unknown"
    title = "No such face check is under way"
    detail = "这次刷脸已失效，请重新开始。"
    kind = "not_found"
