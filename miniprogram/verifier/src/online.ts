/** A code on somebody's screen, looked at through the gateway. */

import { say, said } from './main'

interface Seen {
  state: 'shown' | 'waiting'
  licence: { type_name: string; authority: string; as_of: string }
  fields: { label: string; value: unknown }[]
  receipt: { id: string; at: string }
  token: string
}

const SCANS = '/api/v1/public/verification/scans'

export async function scanOnLine(code: string, verifier: string, purpose: string): Promise<void> {
  if (verifier.length < 2 || purpose.length < 2) {
    return say('refused', '请补充信息', '在线核验要写明核验方名称和用途，对方会看到。', [], 'who_and_why')
  }
  say('waiting', '正在核验', '请稍候。')
  const body = JSON.stringify({ code, verifier, purpose })
  let found = await asked(SCANS, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  const token = found?.token
  while (found?.state === 'waiting') {
    say('waiting', '等待对方确认', '请对方在手机上确认，一分钟内有效。')
    found = await asked(`${SCANS}/${token}?wait=20`)
  }
  if (found === null) return
  say('valid', '有效', `${found.licence.type_name}，由${found.licence.authority}颁发。`, [
    ...found.fields.map((field): [string, string] => [field.label, said(field.value)]),
    ['证照信息截至', found.licence.as_of.replace('T', ' ').slice(0, 19)],
    ['回执编号', found.receipt.id],
  ])
}

async function asked(address: string, options?: RequestInit): Promise<Seen | null> {
  try {
    const answer = await fetch(address, options)
    const document = await answer.json()
    if (answer.ok) return document as Seen
    say('refused', '不予采信', String(document.detail), [], String(document.code))
  } catch {
    say('refused', '无法核验', '在线亮码需要联网核验，现在没有网络；请对方改用离线凭证。', [], 'offline')
  }
  return null
}
