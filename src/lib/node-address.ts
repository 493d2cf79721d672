/**
 * The address of a campaign's page, opened at one of its nodes. The page is long, so the server has to know which part
 * to send.
 * @returns null where `page` is no address
 */
export function nodeAddress(page: string, number: number): string | null {
  if (!URL.canParse(page)) return null;
  const address = new URL(page);
  address.searchParams.set('node', String(number));
  address.hash = `node-${number}`;
  return address.href;
}
