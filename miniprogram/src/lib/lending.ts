import type { Copy, CopyCheck, LendSystem, Loan, LoanState } from '@/api/lendingTypes'
import { daysUntil, longDate } from './format'

/** What an invitation is for: to use one licence, or to carry those of a relative. */
export type InvitationKind = 'loan' | 'family'

/** Neither 0 and O nor 1, I and L: codes are read aloud and typed. */
const INVITATION = /^[2-9A-HJKMNP-Z]{12}$/
const COPY = /^[A-Z2-7]{24}$/
const DAY_MS = 86_400_000
const CHINA_MS = 8 * 3600_000
export const INVITATION_DAYS = 3
export const LONGEST_DAYS = 366
export const SPANS_OF_MANDATES = [
  { days: 7, text: '7 天' },
  { days: 30, text: '30 天' },
  { days: 180, text: '半年' },
  { days: 365, text: '一年' },
]

/** The value of `code` in an address of the app; the text itself when it is none. */
function codePart(text: string): string {
  const found = /[?&]code=([^&#\s]+)/.exec(text)
  return (found ? found[1] : text).replace(/[\s\-－—]/g, '').toUpperCase()
}

/** The invitation in what was scanned, pasted or typed, and what it is for where the address says so. */
export function invitationIn(text: string): { code: string; kind: InvitationKind | null } | null {
  // What was shared by WeChat is pasted with the words around it.
  const whole = INVITATION.test(codePart(text)) ? codePart(text) : (/[2-9A-HJKMNP-Z]{4}[ -][2-9A-HJKMNP-Z]{4}[ -][2-9A-HJKMNP-Z]{4}/i.exec(text)?.[0] ?? '')
  const code = codePart(whole)
  if (!INVITATION.test(code)) return null
  const kind = /[?&]kind=(loan|family)\b/.exec(text)?.[1]
  return { code, kind: kind === 'loan' || kind === 'family' ? kind : null }
}

/** The code of a copy in what was scanned or typed. */
export function copyCodeIn(text: string): string | null {
  const code = codePart(text)
  return COPY.test(code) ? code : null
}

/** In groups of four, or of six as it is stamped on copies. */
export function grouped(code: string, by = 4): string {
  return code.match(new RegExp(`.{1,${by}}`, 'g'))?.join(by === 4 ? ' ' : '-') ?? ''
}

/** Where an invitation is taken. The code stands behind the #, so that no server on the way reads it. */
export function invitationLink(origin: string, kind: InvitationKind, code: string): string {
  return `${origin}/#/lending/take?kind=${kind}&code=${code}`
}

/** What is sent to whom it concerns, in words. */
export function invitationWords(kind: InvitationKind, code: string, link: string, what = ''): string {
  const about = kind === 'loan' ? `我用“省事通”授权您使用我的${what}。` : '我邀请您在“省事通”里帮我保管、出示证照。'
  return `${about}请在 ${INVITATION_DAYS} 天内打开 ${link} ，或在“省事通”里输入邀请码 ${grouped(code)}。邀请码只能用一次，请不要转发给别人。`
}

/** The day in China so many days from now, as YYYY-MM-DD. */
export function dayAhead(days: number, now: number = Date.now()): string {
  return new Date(now + CHINA_MS + days * DAY_MS).toISOString().slice(0, 10)
}

/** A day as people type it (2026-12-1, 20261201, 2026年12月1日), within a year from now; null otherwise. */
export function dayIn(text: string, now: number = Date.now()): string | null {
  const found = /^(\d{4})\D?(\d{1,2})\D?(\d{1,2})\D?$/.exec(text.trim())
  if (!found) return null
  const day = `${found[1]}-${found[2].padStart(2, '0')}-${found[3].padStart(2, '0')}`
  const at = new Date(`${day}T00:00:00Z`)
  if (Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== day) return null
  const ahead = daysUntil(day, now)
  return ahead >= 0 && ahead <= LONGEST_DAYS ? day : null
}

/** The last day on which something holds, by the moment or the day on which it does not any more. */
export function lastDay(end: string): string {
  const at = end.length === 10 ? Date.parse(`${end}T00:00:00+08:00`) : Date.parse(end)
  return Number.isNaN(at) ? '' : longDate(new Date(at - 1).toISOString())
}

export type Mood = 'good' | 'wait' | 'over'

interface Look {
  mood: Mood
  icon: string
}

const GOOD: Look = { mood: 'good', icon: 'circle-check' }
const WAIT: Look = { mood: 'wait', icon: 'clock' }
const OVER: Look = { mood: 'over', icon: 'circle-minus' }

/** How a loan or a copy looks, by its state; words come from the gateway. */
export function stateLook(state: string): Look {
  if (state === 'active' || state === 'valid') return GOOD
  return state === 'invited' ? WAIT : OVER
}

/** Whether there is anything left to withdraw. */
export const holds = (state: LoanState | Copy['state']): boolean => state === 'active' || state === 'invited' || state === 'valid'

/** “还可用 2 次（共 3 次）”. */
export function timesText(loan: Pick<Loan, 'times' | 'used'>): string {
  const left = Math.max(0, loan.times - loan.used)
  return loan.used === 0 ? `可用 ${loan.times} 次` : `还可用 ${left} 次（共 ${loan.times} 次）`
}

/** What still holds first, in the order given; what is over apart. */
export function sortedByState<T extends { state: LoanState | Copy['state'] }>(items: readonly T[]): { open: T[]; over: T[] } {
  return { open: items.filter((one) => holds(one.state)), over: items.filter((one) => !holds(one.state)) }
}

export interface CheckVerdict {
  mood: 'good' | 'bad' | 'unsure'
  icon: string
  title: string
  text: string
}

/** What whoever received a copy is told, in one colour, words and an icon. */
export function checkVerdict(state: CopyCheck['state']): CheckVerdict {
  if (state === 'valid') return { mood: 'good', icon: 'circle-check', title: '真实有效', text: '请核对下面的内容与您手里的加注件是否一致，只能用于写明的用途。' }
  if (state === 'unconfirmed') return { mood: 'unsure', icon: 'clock', title: '暂时无法确认', text: '加注件确由本平台出具，但发证机关现在没有回应，不能确认证照是否仍有效，请稍后再查。' }
  const reasons = {
    expired: { title: '已过期', text: '这份加注件过了有效期，请让对方重新提供。' },
    withdrawn: { title: '已作废', text: '持证人已作废这份加注件，请不要再使用。' },
    licence_invalid: { title: '证照已变更或失效', text: '加注件对应的证照已经变更或失效，请让对方重新提供。' },
  }
  return { mood: 'bad', icon: 'circle-x', ...reasons[state] }
}

/** Systems whose name has these words, width and spaces aside. */
export function systemsNamed(systems: readonly LendSystem[], words: string): LendSystem[] {
  const plain = (text: string) => text.normalize('NFKC').replace(/\s+/g, '').toUpperCase()
  return systems.filter((system) => plain(system.name).includes(plain(words)))
}
