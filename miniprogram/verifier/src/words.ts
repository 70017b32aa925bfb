/** Why a presentation is refused, as backend/presentation/reasons.py says it. */

export const WORDS: Record<string, string> = {
  malformed: '内容不是有效的电子证照凭证，请让对方重新出示。',
  incomplete: '二维码没有扫全或来自不同的凭证，请把每一张都扫到。',
  unsupported: '凭证所用的签名算法在本机不受支持。',
  unknown_key: '签发方的密钥不在可信名单中，请先更新公钥；仍不通过的，不予采信。',
  wrong_issuer: '凭证不是由可信的签发方签发的，不予采信。',
  altered: '凭证内容被改动过，不予采信。',
  not_yet_valid: '凭证还没有生效。',
  expired: '凭证已过有效期，请让对方联网更新后重新出示。',
  disclosure_unknown: '出示的信息项不属于这份凭证，不予采信。',
  no_key_binding: '缺少持证人手机的签名，无法确认是本人出示。',
  wrong_holder: '持证人手机的签名不对，凭证可能被他人复制。',
  wrong_audience: '这次出示是给另一个核验方的，请让对方重新出示。',
  wrong_nonce: '这次出示不是回应本次核验的，可能是重复使用，请让对方重新出示。',
  not_fresh: '这次出示的时间不对（过早或过晚），请让对方重新出示，并核对两边时钟。',
  status_missing: '本机没有这份凭证所属的状态名单，请先联网更新。',
  status_stale: '本机的状态名单已过期，请先联网更新。',
  withdrawn: '证照已失效（撤销、注销、吊销、换发或转出），不予采信。',
  suspended: '证照目前处于暂扣或挂失状态，不予采信。',
}
