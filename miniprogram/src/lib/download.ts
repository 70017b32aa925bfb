import { isH5 } from '@/platform'

/**
 * Let the person keep a file. WeChat opens no tables, so there the address is copied for a browser,
 * and said when it cannot be copied.
 */
export function keepFile(address: string, name: string, say: (words: string) => void): void {
  if (isH5) {
    const link = document.createElement('a')
    link.href = address
    link.download = name
    document.body.append(link)
    link.click()
    link.remove()
    return
  }
  uni.setClipboardData({
    data: address,
    showToast: false,
    success: () => say('下载地址已复制，请在浏览器中打开'),
    fail: () => say(`请在浏览器中打开 ${address}`),
  })
}
