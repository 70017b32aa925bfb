import { ref } from 'vue'
import { isH5 } from '@/platform'

const online = ref(true)
let watching = false

/** Whether the device has a network, kept up to date while the app runs. */
export function useNetwork() {
  if (!watching) {
    watching = true
    if (isH5) {
      // uni-app listens to navigator.connection, which says nothing on most desktops.
      online.value = navigator.onLine
      window.addEventListener('online', () => (online.value = true))
      window.addEventListener('offline', () => (online.value = false))
      return { online }
    }
    uni.getNetworkType({ success: (answer) => (online.value = answer.networkType !== 'none') })
    uni.onNetworkStatusChange((answer) => (online.value = answer.isConnected))
  }
  return { online }
}
