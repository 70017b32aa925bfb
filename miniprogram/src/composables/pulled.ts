import { onPullDownRefresh } from '@dcloudio/uni-app'

/** Whoever pulls the page down has it read again; the spinner goes when that is over. */
export function usePulled(again: () => Promise<unknown>): void {
  onPullDownRefresh(async () => {
    await again()
    uni.stopPullDownRefresh()
  })
}
