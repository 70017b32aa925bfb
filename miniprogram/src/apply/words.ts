import type { CaseCard, Clock, DraftFile, ForKind, Material, Provenance, Way } from '@/api/caseTypes'
import { longDate, relativeTime } from '@/lib/format'

/** “来自 公安厅·居民身份证 · 3 分钟前 · 已验签”. */
export function originWords(origin: Provenance): string {
  const parts = [`来自 ${origin.source_name}`, relativeTime(origin.as_of)]
  if (origin.signed) parts.push('已验签')
  return parts.filter(Boolean).join(' · ')
}

export const FOR_WORDS: Record<ForKind, string> = { self: '本人', child: '孩子', relative: '家人', enterprise: '企业' }

/** “为 王*明（孩子）办”; nothing where it is for oneself. */
export function forWords(one: { for_kind: ForKind; applicant: string }): string {
  return one.for_kind === 'self' ? '' : `为${one.applicant}（${FOR_WORDS[one.for_kind]}）办`
}

export const WAY_TITLES: Record<Way, string> = {
  shared: '不用交，部门直接核对',
  licence: '用我的电子证照',
  upload: '拍照或上传',
  promised: '先办，以后补交',
  commitment: '签承诺书代替',
  result: '前一步办好后自动取得',
}

/** What is said of a material that was supplied. */
export function suppliedWords(material: Material): string {
  if (material.how === 'shared') return WAY_TITLES.shared
  if (material.how === 'result') return `不用交，来自“${material.from_step}”这一步`
  if (material.how === 'licence') return `用电子证照：${material.licence_name ?? material.name}`
  if (material.how === 'upload') return `已上传 ${material.files.length} 份`
  if (material.how === 'promised') return `${longDate(material.due_on)}前补交`
  if (material.how === 'commitment') return '已签承诺书'
  return material.need === '非必要' ? '没有提供（可以不交）' : '还没有提供'
}

export function sizeText(file: DraftFile): string {
  return file.bytes < 1024 * 1024 ? `${Math.max(1, Math.round(file.bytes / 1024))} KB` : `${(file.bytes / 1024 / 1024).toFixed(1)} MB`
}

/** “还剩 3 个工作日”, “今天到期”, “已超期 2 个工作日”, “暂停计时”. */
export function leftWords(clock: Clock): string {
  if (clock.paused || clock.left === null) return '暂停计时'
  if (clock.left === 0) return '今天到期'
  return clock.left > 0 ? `还剩 ${clock.left} 个工作日` : `已超期 ${-clock.left} 个工作日`
}

export type Tone = 'busy' | 'todo' | 'good' | 'bad' | 'quiet'
const TONES: Record<string, Tone> = {
  correction: 'todo',
  approved: 'good',
  delivering: 'good',
  closed: 'good',
  not_accepted: 'bad',
  denied: 'bad',
  correction_timeout: 'bad',
  terminated: 'bad',
  withdrawn: 'quiet',
  transferred: 'quiet',
}

export function toneOf(state: string): Tone {
  return TONES[state] ?? 'busy'
}

export const TONE_ICONS: Record<Tone, string> = { busy: 'clock', todo: 'circle-alert', good: 'circle-check', bad: 'circle-x', quiet: 'circle-minus' }

/** The line under a case in a list. */
export function cardWords(card: CaseCard): string {
  if (!card.delivered) return '正在送达部门'
  if (card.clock) return `${longDate(card.clock.due_on)}前${card.clock.label}`
  return ''
}
