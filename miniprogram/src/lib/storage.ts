/**
 * Key-value storage on the device. A full or forbidden storage (private window) must not break the
 * page: reads then give null, writes are dropped.
 */
const PREFIX = 'sst.'

export function readStored<T>(key: string): T | null {
  try {
    const value: unknown = uni.getStorageSync(PREFIX + key)
    return value === '' || value === undefined || value === null ? null : (value as T)
  } catch {
    return null
  }
}

export function writeStored(key: string, value: unknown): void {
  try {
    // A copy without Vue's proxies, which the storage of WeChat cannot clone.
    uni.setStorageSync(PREFIX + key, JSON.parse(JSON.stringify(value)))
  } catch {
    return
  }
}

export function dropStored(key: string): void {
  try {
    uni.removeStorageSync(PREFIX + key)
  } catch {
    return
  }
}
