/** Advance widths of the bundled Inter subsets, in 1/2048 em, for the characters from space to tilde (hmtx table). */
const regular =
  '576 589 954 1297 1314 2011 1319 614 747 747 1026 1355 590 942 590 738 1292 833 1249 1265 1323 1215 1270 1159 1267 1270 590 618 1355 1355 1355 1047 1978 1413 1340 1496 1478 1231 1209 1528 1522 550 1169 1376 1158 1850 1543 1566 1308 1566 1318 1314 1322 1524 1413 2018 1397 1390 1288 747 738 747 965 934 661 1150 1254 1170 1254 1194 758 1256 1211 496 496 1124 496 1794 1210 1228 1254 1254 771 1081 670 1211 1151 1676 1118 1151 1131 873 681 873 1355';
const semibold =
  '516 658 1071 1318 1332 2057 1357 667 764 764 1105 1378 653 953 653 776 1351 866 1276 1303 1364 1254 1310 1180 1311 1310 653 674 1378 1378 1378 1113 2046 1490 1350 1509 1479 1240 1204 1534 1527 567 1187 1440 1158 1889 1555 1574 1321 1583 1336 1332 1352 1507 1490 2089 1474 1461 1336 764 776 764 986 961 719 1176 1278 1193 1278 1211 796 1281 1254 536 536 1166 536 1844 1253 1247 1278 1278 813 1125 723 1254 1202 1719 1165 1205 1159 931 735 931 1378';

const ascii = { 400: regular.split(' ').map(Number), 600: semibold.split(' ').map(Number) };
/** The few signs of other width that headlines use; the rest is near the mean of Latin-1 and Greek letters. */
const signs: Record<string, number> = {
  '±': 1378,
  '−': 1378,
  '×': 1378,
  '·': 653,
  '…': 1958,
  '→': 1954,
  '★': 2140,
  '▲': 2118,
  '▼': 2118,
};
const otherWidth = 1350;

export type Weight = 400 | 600;

/** Width of a text in pixels, without kerning (which makes real text up to 2 % narrower). */
export function textWidth(text: string, size: number, weight: Weight = 400): number {
  let units = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    units += ascii[weight][code - 32] ?? signs[character] ?? otherWidth;
  }
  return (units * size) / 2048;
}

/** The text, cut to `pixels`, with an ellipsis when something was cut; empty when not even that fits. */
export function fitText(text: string, pixels: number, size: number, weight: Weight = 400): string {
  if (textWidth(text, size, weight) <= pixels) return text;
  const room = pixels - textWidth('…', size, weight);
  if (room < 0) return '';
  let kept = '';
  let used = 0;
  for (const character of text) {
    used += textWidth(character, size, weight);
    if (used > room) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}
