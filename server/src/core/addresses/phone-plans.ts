import { isPossiblePhoneNumber, isValidPhoneNumber } from 'libphonenumber-js/max'

/** Whether a number in E.164 has a length that its country has. */
export const isPossiblePhone = (phone: string): boolean => isPossiblePhoneNumber(phone)

/** Whether a number in E.164 stands in a range that its country has given out. */
export const isValidPhone = (phone: string): boolean => isValidPhoneNumber(phone)
