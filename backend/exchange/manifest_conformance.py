"""Test subjects in a manifest: invented people and enterprises whom the system's sandbox knows.

The conformance kit asks about them, because only an answer that has something in it can be
checked. They are part of the manifest so that the platform can run the kit itself before it
publishes a revision. Real people never stand here: a manifest is kept for good and is read by
reviewers.
"""

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from backend.exchange.documents import within_depth
from backend.exchange.errors import ManifestRefused
from backend.mistakes import readable

Name = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
Number = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{5,32}$")]
CodeType = Annotated[str, StringConstraints(pattern=r"^\d{3}$")]
Uscc = Annotated[str, StringConstraints(pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}$")]
TypeCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{21}$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{1,63}$")]
LicenceCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{12,64}$")]
ResourceCode = Annotated[str, StringConstraints(pattern=r"^[123]\d{5}\d{0,12}/\d{1,10}$")]


class _Strict(BaseModel):
    """Nothing unknown passes, and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class HolderSubject(_Strict):
    """A holder for ``licences.query``, ``sections.query`` and ``resources.query``.

    ``licence_types``, ``sections`` and ``resources`` name what the system has on file of them: the
    kit fails a system that says there is nothing.
    """

    code_type: CodeType = Field(title="持证主体代码类型")
    code: Number = Field(title="号码")
    name: Name = Field(title="姓名或名称")
    licence_types: list[TypeCode] = Field(title="持有的证照", default_factory=list, max_length=100)
    sections: list[Slug] = Field(title="有数据的板块", default_factory=list, max_length=50)
    resources: list[ResourceCode] = Field(
        title="有记录的数据资源", default_factory=list, max_length=50
    )


class PersonSubject(_Strict):
    """A person for ``identity.match``, ``identity.face`` and ``enterprises.represented``.

    ``expect`` is what ``identity.match`` has to say; ``represents`` are the enterprises whose legal
    representative the person is.
    """

    name: Name = Field(title="姓名")
    id_type: CodeType = Field(title="证件类型代码")
    id_number: Number = Field(title="证件号码")
    expect: Literal["match", "deceased", "replaced"] = Field("match", title="应有的核验结果")
    represents: list[Uscc] = Field(
        title="担任法定代表人的主体", default_factory=list, max_length=20
    )


class EnterpriseSubject(_Strict):
    """An enterprise for ``enterprises.get`` and ``enterprises.licence_code``.

    ``licence_code`` is a code of its electronic licence that does not run out: the kit is the first
    to use it, always under the same ``request_id``.
    """

    uscc: Uscc = Field(title="统一社会信用代码")
    licence_code: LicenceCode | None = Field(None, title="电子营业执照测试码")


class CaseSubject(_Strict):
    """An application for ``cases.*``: one of the system's items, by an invented applicant.

    The kit hands it in, and takes it back at the end; ``form`` is what its form asks for.
    """

    item_code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{19}\d{12}$")] = Field(
        title="实施编码"
    )
    code_type: CodeType = Field(title="持证主体代码类型")
    code: Number = Field(title="号码")
    name: Name = Field(title="姓名或名称")
    form: Annotated[dict[str, Any], AfterValidator(within_depth)] = Field(
        title="表单内容", default_factory=dict
    )


class Subjects(_Strict):
    """Everyone whom the kit may ask about."""

    holders: list[HolderSubject] = Field(title="持证主体", default_factory=list, max_length=50)
    persons: list[PersonSubject] = Field(title="自然人", default_factory=list, max_length=50)
    enterprises: list[EnterpriseSubject] = Field(
        title="经营主体", default_factory=list, max_length=50
    )
    cases: list[CaseSubject] = Field(title="办件", default_factory=list, max_length=5)


def parse_subjects(raw: Any, source: str) -> Subjects:
    """Check test subjects that stand in a file of their own.

    Raises:
        ManifestRefused: with one readable error per place.
    """
    try:
        return Subjects.model_validate(raw or {})
    except ValidationError as error:
        raise ManifestRefused(source, readable(error)) from None
