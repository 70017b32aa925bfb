import type { Maintenance } from '@/api/types'
import { clockText, dayText, momentText } from './format'

/** How long beforehand an announced window is worth a line. */
const AHEAD_MS = 24 * 3600_000

/** “今天 22:00 至 23:30”, “今天 22:00 至明天 02:00”. */
function spanText(window: Maintenance, now: number): string {
  const sameDay = dayText(window.starts_at, now) === dayText(window.ends_at, now)
  return `${momentText(window.starts_at, now)} 至${sameDay ? ` ${clockText(window.ends_at)}` : momentText(window.ends_at, now)}`
}

/** A line on the maintenance that a system has announced for now or the next day; else empty. */
export function maintenanceText(windows: readonly Maintenance[] | undefined, system: string | undefined, now: number = Date.now()): string {
  const coming = (windows ?? [])
    .filter((one) => one.system === system && Date.parse(one.ends_at) > now && Date.parse(one.starts_at) - now < AHEAD_MS)
    .sort((a, b) => Date.parse(a.starts_at) - Date.parse(b.starts_at))[0]
  if (!coming) return ''
  const running = Date.parse(coming.starts_at) <= now
  const when = running ? `系统维护中，预计${momentText(coming.ends_at, now)} 恢复` : `${spanText(coming, now)} 系统维护`
  // A sentence within a sentence has no full stop of its own.
  const words = coming.words.replace(/。$/, '')
  return words ? `${when}（${words}）` : when
}
