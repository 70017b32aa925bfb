const CHINA_OFFSET_MS = 8 * 3600_000

interface Clock {
  year: number
  month: number
  day: number
  hour: number
  minute: number
}

/** Wall-clock time in China, wherever the device thinks it is. */
function chinaClock(at: number): Clock {
  const date = new Date(at + CHINA_OFFSET_MS)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
  }
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

function dayNumber(at: number): number {
  return Math.floor((at + CHINA_OFFSET_MS) / 86_400_000)
}

/** “刚刚”, “3 分钟前”, “昨天 18:20”, “3月5日 09:00”. Empty for what is no time. */
export function relativeTime(iso: string | null | undefined, now: number = Date.now()): string {
  const at = Date.parse(iso ?? '')
  if (Number.isNaN(at)) return ''
  const passed = now - at
  const clock = chinaClock(at)
  const time = `${two(clock.hour)}:${two(clock.minute)}`
  if (passed < 60_000) return '刚刚'
  if (passed < 3600_000) return `${Math.floor(passed / 60_000)} 分钟前`
  const days = dayNumber(now) - dayNumber(at)
  if (days === 0) return `${Math.floor(passed / 3600_000)} 小时前`
  if (days === 1) return `昨天 ${time}`
  if (clock.year === chinaClock(now).year) return `${clock.month}月${clock.day}日 ${time}`
  return `${clock.year}年${clock.month}月${clock.day}日`
}

/** “显示昨天 18:20 的数据”, “显示 3 分钟前的内容”, “显示之前的内容”: what is old, and how old. */
export function shownFrom(iso: string | null | undefined, what: string, now: number = Date.now()): string {
  const when = relativeTime(iso, now) || '之前'
  return `显示${/^\d/.test(when) ? ' ' : ''}${when}${/\d$/.test(when) ? ' ' : ''}的${what}`
}

/** Over what was there before, when asking again has failed. */
export function notRenewed(asOf: string, now: number = Date.now()): string {
  return `没有更新成功，${shownFrom(asOf, '内容', now)}`
}

const WEEKDAYS = ['日', '一', '二', '三', '四', '五', '六']
const NEAR_DAYS: Record<number, string> = { [-1]: '昨天', 0: '今天', 1: '明天' }

/** 0 is Sunday, by China's calendar; 1970-01-01 was a Thursday. */
function weekday(at: number): number {
  return (((dayNumber(at) + 4) % 7) + 7) % 7
}

/** “18:20”. Empty for what is no time. */
export function clockText(iso: string | null | undefined): string {
  const at = Date.parse(iso ?? '')
  if (Number.isNaN(at)) return ''
  const clock = chinaClock(at)
  return `${two(clock.hour)}:${two(clock.minute)}`
}

/** “今天”, “昨天”, “11月20日 星期五”, “2025年12月31日 星期三”: the day as the head of a list. */
export function dayText(iso: string | null | undefined, now: number = Date.now()): string {
  const at = Date.parse(iso ?? '')
  if (Number.isNaN(at)) return ''
  const near = NEAR_DAYS[dayNumber(at) - dayNumber(now)]
  if (near) return near
  const clock = chinaClock(at)
  const year = clock.year === chinaClock(now).year ? '' : `${clock.year}年`
  return `${year}${clock.month}月${clock.day}日 星期${WEEKDAYS[weekday(at)]}`
}

/** “今天 22:00”, “明天 02:00”, “11月26日 02:00”: a moment that is near. */
export function momentText(iso: string | null | undefined, now: number = Date.now()): string {
  const day = dayText(iso, now).split(' ')[0]
  return day ? `${day} ${clockText(iso)}` : ''
}

/** “2026年12月1日” for a date or a time with offset; the text itself when it is neither. */
export function longDate(value: string | null | undefined): string {
  if (!value) return ''
  const plain = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value)
  if (plain) return `${Number(plain[1])}年${Number(plain[2])}月${Number(plain[3])}日`
  const at = Date.parse(value)
  if (Number.isNaN(at)) return value
  const clock = chinaClock(at)
  return `${clock.year}年${clock.month}月${clock.day}日`
}

/** A value of a licence: dates in everyday words, everything else as it is. */
export function fieldText(value: string): string {
  return /^\d{4}-\d{2}-\d{2}$/.test(value) ? longDate(value) : value
}

/** “2026年12月1日 09:30”. */
export function longTime(value: string | null | undefined): string {
  const at = Date.parse(value ?? '')
  if (Number.isNaN(at)) return value ?? ''
  const clock = chinaClock(at)
  return `${clock.year}年${clock.month}月${clock.day}日 ${two(clock.hour)}:${two(clock.minute)}`
}

/** Days from today until a date (negative when it has passed), by China's calendar. */
export function daysUntil(date: string, now: number = Date.now()): number {
  return dayNumber(Date.parse(`${date.slice(0, 10)}T00:00:00+08:00`)) - dayNumber(now)
}

/** “还剩 8 天”, “今天到期”, “已过期 3 天”. */
export function dueText(date: string, now: number = Date.now()): string {
  const days = daysUntil(date, now)
  if (Number.isNaN(days)) return ''
  if (days === 0) return '今天到期'
  return days > 0 ? `还剩 ${days} 天` : `已过期 ${-days} 天`
}

/** “10 分钟”, “1 小时 5 分钟”, “45 秒”: how long to wait. */
export function waitText(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.ceil(seconds))} 秒`
  const minutes = Math.ceil(seconds / 60)
  if (minutes < 60) return `${minutes} 分钟`
  const rest = minutes % 60
  return rest === 0 ? `${minutes / 60} 小时` : `${Math.floor(minutes / 60)} 小时 ${rest} 分钟`
}

/** “138 0013 8000”; the text itself when it is no mainland number. */
export function spacedPhone(phone: string): string {
  const plain = phone.replace(/^\+86/, '')
  return /^1\d{10}$/.test(plain) ? `${plain.slice(0, 3)} ${plain.slice(3, 7)} ${plain.slice(7)}` : phone
}

/** Everyday words for the levels. */
export const LEVELS: Record<number, { name: string; says: string }> = {
  0: { name: '微信登录', says: '还没有绑定手机号' },
  1: { name: '手机登录', says: '已绑定手机号' },
  2: { name: '自报身份', says: '身份还没有核对' },
  3: { name: '实名用户', says: '姓名和身份证号已核对' },
  4: { name: '实人用户', says: '已通过人脸核验' },
  5: { name: '高级实人', says: '已在窗口或用数字证书核验' },
}

export function levelName(level: number | null): string {
  return LEVELS[level ?? -1]?.name ?? '未登录'
}

/** What a level asks of somebody who does not know its name. */
export function levelNeeded(level: number): string {
  if (level >= 5) return '在窗口核验身份'
  if (level >= 4) return '人脸核验'
  if (level >= 3) return '实名认证'
  return level > 0 ? '手机号登录' : '不用登录'
}

/** What a level is needed for, in the locked state. */
export function unlockText(level: number): { title: string; text: string; action: string } {
  if (level >= 5) {
    return {
      title: '需要到窗口核验身份',
      text: '请带身份证到就近的政务服务大厅办理，或拨打 12345 咨询。',
      action: '',
    }
  }
  if (level >= 4) {
    return { title: '需要人脸核验', text: '确认是您本人后就能查看，约 1 分钟。', action: '去核验' }
  }
  if (level >= 3) {
    return { title: '需要实名认证', text: '填写姓名和身份证号，核对后就能查看，约 1 分钟。', action: '去认证' }
  }
  return { title: '登录后查看', text: '用手机号登录，约 30 秒。', action: '去登录' }
}
