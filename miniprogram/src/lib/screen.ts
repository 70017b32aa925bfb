import { isH5, isWeixin } from '@/platform'

interface Lock {
  release(): Promise<void>
}

let before: number | null = null
let lit = false
let lock: Lock | null = null

/** A code on a dim screen is hard to read, and one that goes dark halfway cannot be read at all. */
export function lightUp(): void {
  if (lit) return
  lit = true
  if (isH5) {
    const wake = (navigator as { wakeLock?: { request(kind: 'screen'): Promise<Lock> } }).wakeLock
    wake
      ?.request('screen')
      .then((held) => {
        if (lit) lock = held
        else void held.release()
      })
      .catch(() => undefined)
  }
  if (isWeixin) {
    uni.getScreenBrightness({
      success: (answer) => {
        if (!lit) return
        before = answer.value
        uni.setScreenBrightness({ value: 1 })
      },
    })
    uni.setKeepScreenOn({ keepScreenOn: true })
  }
}

/** As it was before. */
export function lightDown(): void {
  if (!lit) return
  lit = false
  lock?.release().catch(() => undefined)
  lock = null
  if (!isWeixin) return
  if (before !== null) uni.setScreenBrightness({ value: before })
  before = null
  uni.setKeepScreenOn({ keepScreenOn: false })
}
