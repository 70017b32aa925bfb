import { isH5 } from '@/platform'

/** A device with a mouse is no telephone: opening `tel:` there does nothing, or worse, asks for an app. */
function hasTelephone(): boolean {
  return !isH5 || !window.matchMedia('(pointer: fine)').matches
}

/** Call a number, or say it where there is no telephone. */
export function dial(number: string, say: (words: string) => void): void {
  const words = `请拨打 ${number}`
  if (hasTelephone()) uni.makePhoneCall({ phoneNumber: number, fail: () => say(words) })
  else say(words)
}
