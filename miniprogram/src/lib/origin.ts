import { isWeixin } from '@/platform'

/** Where the app's pages are for a browser, for addresses that are handed to others. */
export function appOrigin(): string {
  return isWeixin ? (import.meta.env.VITE_GATEWAY ?? '') : location.origin
}
