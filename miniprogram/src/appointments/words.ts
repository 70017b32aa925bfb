import type { Opening, PlaceDetail, ServicePlace, Span } from '@/api/appointmentTypes'
import { clockText, momentText } from '@/lib/format'

/** “800 米”, “3.2 公里”. Empty without a distance. */
export function distanceText(km: number | null): string {
  if (km === null) return ''
  if (km < 1) return `${Math.max(10, Math.round(km * 100) * 10)} 米`
  return km < 10 ? `${km.toFixed(1)} 公里` : `${Math.round(km)} 公里`
}

/** “正在办公，12:00 休息”, “已下班，明天 09:00 开门”, “近期不开门”. */
export function openingText(opening: Opening): string {
  if (opening.open_now) return `正在办公，${clockText(opening.closes_at)} 休息`
  const why = opening.why_closed ? `${opening.why_closed}，` : ''
  if (!opening.opens_at) return `${why}近期不开门`
  return `${why || '现在休息，'}${momentText(opening.opens_at)} 开门`
}

/** “最早 明天 09:00 有号”, “近日已约满”. */
export function freeText(place: Pick<ServicePlace, 'next_free'>): string {
  return place.next_free ? `最早 ${momentText(place.next_free)} 有号` : '近日已约满，可直接到现场取号'
}

function spansText(spans: Span[]): string {
  return spans.map((span) => `${span.opens}–${span.closes}`).join('、')
}

/** Opening hours line by line; days without hours are said to be closed. */
export function hoursLines(place: PlaceDetail): string[] {
  const { workdays, saturday, sunday } = place.hours
  const lines = [workdays.length > 0 ? `工作日 ${spansText(workdays)}` : '工作日不办公']
  if (saturday.length > 0) lines.push(`周六 ${spansText(saturday)}`)
  if (sunday.length > 0) lines.push(`周日 ${spansText(sunday)}`)
  lines.push(saturday.length > 0 || sunday.length > 0 ? '其他休息日和法定节假日不办公' : '周末和法定节假日不办公')
  return lines
}

/** “09:00–09:30”. */
export function rangeText(starts: string, ends: string): string {
  return `${clockText(starts)}–${clockText(ends)}`
}

/** The code in groups, to be read aloud. */
export function spacedCode(code: string): string {
  return code.replace(/(.{4})(?=.)/g, '$1 ')
}
