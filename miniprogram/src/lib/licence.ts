import type { Audience, LicenceCard, LicenceStatus, WalletSource } from '@/api/types'
import { daysUntil, longDate, shownFrom } from './format'

/** How many days before its end a licence is shown as ending. */
const SOON_DAYS = 90

export type LicenceMood = 'valid' | 'soon' | 'halted' | 'ended'

export interface LicenceState {
  mood: LicenceMood
  label: string
  icon: string
}

const ICONS: Record<LicenceMood, string> = {
  valid: 'circle-check',
  soon: 'clock',
  halted: 'circle-alert',
  ended: 'circle-x',
}

const HALTED: readonly LicenceStatus[] = ['SUSPENDED', 'LOST']

function state(mood: LicenceMood, label: string): LicenceState {
  return { mood, label, icon: ICONS[mood] }
}

/** The ribbon of a licence: in words and an icon, never in colour alone. */
export function licenceState(card: LicenceCard, now: number = Date.now()): LicenceState {
  if (HALTED.includes(card.status)) return state('halted', card.status_label)
  if (card.status === 'EXPIRED') return state('ended', '已过期')
  if (card.status !== 'VALID') return state('ended', card.status_label)
  const days = card.valid_to ? daysUntil(card.valid_to, now) : Infinity
  if (days < 0) return state('ended', '已过期')
  if (days === 0) return state('soon', '今天到期')
  if (days <= SOON_DAYS) return state('soon', `将到期 · 剩 ${days} 天`)
  return state('valid', card.status_label)
}

/** Whether it may be shown and lent: it holds now. */
export function isUsable(card: LicenceCard, now: number = Date.now()): boolean {
  const { mood } = licenceState(card, now)
  return mood === 'valid' || mood === 'soon'
}

/** What is searched for among the guides to renew or replace a licence; null where neither is called for. */
export function renewalSearch(card: LicenceCard, ofEnterprise: boolean, now: number = Date.now()): { q: string; audience: Audience } | null {
  const { mood } = licenceState(card, now)
  if (mood !== 'soon' && mood !== 'ended' && card.status !== 'LOST') return null
  return { q: card.name, audience: ofEnterprise ? 'enterprise' : 'citizen' }
}

/** “有效期至 2036年1月1日”, “长期有效”. */
export function validText(card: LicenceCard): string {
  return card.valid_to ? `有效期至 ${longDate(card.valid_to)}` : '长期有效'
}

/** What is still good first, in the order given; what has ended apart. */
export function sortedWallet(cards: LicenceCard[], now: number = Date.now()) {
  const usable: LicenceCard[] = []
  const ended: LicenceCard[] = []
  for (const card of cards) (licenceState(card, now).mood === 'ended' ? ended : usable).push(card)
  return { usable, ended }
}

export interface SourceNote {
  code: string
  text: string
  kind: 'stale' | 'unavailable'
}

/** A sentence for every issuer that does not answer, its own where it gave one; nothing for those that do. */
export function sourceNotes(sources: WalletSource[], now: number = Date.now()): SourceNote[] {
  return sources.flatMap((source): SourceNote[] => {
    if (source.status === 'stale') {
      return [{ code: source.code, kind: 'stale', text: source.note || `${source.name}暂时不可用，${shownFrom(source.as_of, '数据', now)}` }]
    }
    if (source.status === 'unavailable') {
      return [{ code: source.code, kind: 'unavailable', text: source.note || `${source.name}暂时不可用，它签发的证照这次没有显示` }]
    }
    return []
  })
}

/** Words on how many systems answered: “已查询 8 个系统”. */
export function sourcesSummary(sources: WalletSource[]): string {
  const silent = sources.filter((source) => source.status === 'unavailable').length
  const asked = `已查询 ${sources.length} 个签发系统`
  return silent > 0 ? `${asked}，${silent} 个没有回应` : asked
}

const BY_NAME: [RegExp, string][] = [
  [/居民身份证|永久居留/, 'id-card'],
  [/居住证/, 'map-pin'],
  [/驾驶证|行驶证/, 'car'],
  [/社会保障卡|社保/, 'credit-card'],
  [/医保|医疗/, 'heart-pulse'],
  [/不动产|房/, 'house'],
  [/结婚|婚/, 'heart'],
  [/出生/, 'baby'],
  [/营业执照/, 'store'],
  [/纳税|完税/, 'receipt'],
  [/经营许可|许可证/, 'badge-check'],
]

/** The drawing behind a licence card. */
export function licenceIcon(name: string): string {
  return BY_NAME.find(([words]) => words.test(name))?.[1] ?? 'scroll-text'
}

/** What a face picture is commonly shown for; it stands in the watermark. */
export const PURPOSES: readonly string[] = ['本人查看', '住宿登记', '租房', '入学报名', '银行开户', '求职入职']

export const PURPOSE_LONGEST = 20

/** A typed purpose as it may stand in a watermark: one line, no control characters, not too long. */
export function cleanPurpose(words: string): string {
  const line = Array.from(words.replace(/[\u0000-\u001f\u007f\u200b-\u200f\u2028-\u202e]/g, ' ').trim().replace(/\s+/g, ' '))
  return line.slice(0, PURPOSE_LONGEST).join('')
}
