/** Word lists that the general text and the tasks share: the base has read every word, never a task's prompt. */
export const firstNames =
  'Anna Tom Maria Ivan Lucy Omar Nina Paul Rosa Hugo Elena Max Sara Leo Ada Ken Emma Luis Mira Jan Ines Karl Vera Amir'.split(
    ' ',
  );
export const lastNames =
  'Berg Novak Silva Costa Weber Khan Rossi Dubois Smith Lopez Ito Moore Young Clark Hansen Petrov Meyer Santos Kowal Brown Sato Fischer Adams Lind'.split(
    ' ',
  );
export const cities =
  'Lisbon Oslo Prague Madrid Berlin Vienna Dublin Rome Paris Zagreb Athens Boston Denver Lima Porto Turin Quito Riga Cairo Kyoto'.split(
    ' ',
  );
export const things =
  'soup phone room laptop coffee jacket camera hotel bike lamp pizza chair tour staff service pillow'.split(
    ' ',
  );
export const praise = 'great lovely excellent perfect superb nice fresh fast friendly clean'.split(' ');
export const complaints = 'awful broken cold rude slow terrible dirty late boring noisy'.split(' ');
export const months =
  'January February March April May June July August September October November December'.split(' ');
export const weekdays = 'Sun Mon Tue Wed Thu Fri Sat'.split(' ');

/** Issues that customers write, by the desk that should read them. */
export const issues = {
  billing: [
    'card charged twice',
    'wrong invoice',
    'refund not paid',
    'price too high',
    'payment declined',
    'asked for a receipt',
  ],
  shipping: [
    'parcel is late',
    'box was broken',
    'no tracking yet',
    'wrong address',
    'courier never came',
    'item is missing',
  ],
  account: [
    'cannot log in',
    'reset password',
    'change my email',
    'delete account',
    'code not received',
    'locked out',
  ],
  bug: [
    'app crashes',
    'page is blank',
    'error 500 shown',
    'button dead',
    'screen freezes',
    'search finds nothing',
  ],
} as const;
export type Desk = keyof typeof issues;
export const desks = Object.keys(issues) as Desk[];

/** Small tables for SQL: name -> columns; numeric columns end the list. */
export const tables = {
  users: ['name', 'city', 'email', 'age', 'score'],
  orders: ['item', 'city', 'status', 'price', 'total'],
  staff: ['name', 'city', 'role', 'age', 'salary'],
  shops: ['name', 'city', 'owner', 'rating', 'rent'],
} as const;
export type Table = keyof typeof tables;
export const tableNames = Object.keys(tables) as Table[];
