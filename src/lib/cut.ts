/** At most so many characters, the last one an ellipsis where something was cut. */
export const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1)}…`;
