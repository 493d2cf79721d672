/** `10 more minutes` as `more 10 minutes`, so that number and unit stand together for those who read amounts. */
export const orderAmount = (text: string): string =>
  text.replace(/(?<![$\d.] ?)(\d+(?:\.\d+)?) (more|extra|additional) (?=[a-z])/g, '$2 $1 ');
