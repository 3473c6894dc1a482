/** A data URL of a PNG. The library is loaded when the first QR is asked for. */
export async function drawQr(text: string): Promise<string> {
  const { default: qrcode } = await import('qrcode')
  return qrcode.toDataURL(text, { errorCorrectionLevel: 'L', margin: 4, scale: 6 })
}
