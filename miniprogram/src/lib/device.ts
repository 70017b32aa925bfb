import { isWeixin } from '@/platform'
import type { Platform } from '@/api/types'

interface RandomSource {
  getRandomValues?(options: {
    length: number
    success(answer: { randomValues: ArrayBuffer }): void
    fail(): void
  }): void
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function weixinBytes(length: number): Promise<Uint8Array | null> {
  return new Promise((resolve) => {
    const source = uni as unknown as RandomSource
    if (!source.getRandomValues) {
      resolve(null)
      return
    }
    source.getRandomValues({
      length,
      success: (answer) => resolve(new Uint8Array(answer.randomValues)),
      fail: () => resolve(null),
    })
  })
}

/** Bytes that nobody can guess, or nothing where this device has no source of such. */
export async function secretBytes(length: number): Promise<Uint8Array | null> {
  if (!isWeixin && typeof crypto !== 'undefined') return crypto.getRandomValues(new Uint8Array(length))
  return weixinBytes(length)
}

/** 32 hexadecimal digits that name this installation, not its owner. */
export async function randomKey(): Promise<string> {
  const bytes = new Uint8Array(16)
  if (!isWeixin && typeof crypto !== 'undefined') return hex(crypto.getRandomValues(bytes))
  const fromWeixin = await weixinBytes(bytes.length)
  if (fromWeixin) return hex(fromWeixin)
  // Clients before base library 2.19 have no secure source; the key is a label, not a secret.
  return hex(bytes.map(() => Math.floor(Math.random() * 256)))
}

export function platformName(): Platform {
  return isWeixin ? 'mp-weixin' : 'h5'
}

const BROWSERS: [RegExp, string][] = [
  [/MicroMessenger/, '微信'],
  [/Edg\//, 'Edge'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\//, 'Chrome'],
  [/Safari\//, 'Safari'],
]
const SYSTEMS: [RegExp, string][] = [
  [/HarmonyOS|OpenHarmony/, '鸿蒙'],
  [/Android/, '安卓'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
]

/** Words by which a person recognises this device in their list, such as “Chrome · Windows”. */
export function deviceName(): string {
  if (isWeixin) {
    const info = uni.getDeviceInfo()
    return [info.deviceBrand, info.deviceModel].filter(Boolean).join(' ') || '微信小程序'
  }
  const agent = typeof navigator === 'undefined' ? '' : navigator.userAgent
  const pick = (table: [RegExp, string][]) => table.find(([pattern]) => pattern.test(agent))?.[1]
  return [pick(BROWSERS), pick(SYSTEMS)].filter(Boolean).join(' · ') || '浏览器'
}
