import { expect, test } from 'vitest';
import { partsOf, readableName } from './distinguishedName';

const name = 'SERIALNUMBER=0771,CN=Phạm Văn Đức,OU=Chữ ký thử\\, không có giá trị,O=Văn phòng,2.5.4.97=#13054837';

test('the parts of a name, with escaped commas, without what nobody can read', () => {
  expect(partsOf(name)).toEqual([
    { type: 'SERIALNUMBER', value: '0771' },
    { type: 'CN', value: 'Phạm Văn Đức' },
    { type: 'OU', value: 'Chữ ký thử, không có giá trị' },
    { type: 'O', value: 'Văn phòng' },
  ]);
});

test('people read whom it names, then where', () => {
  expect(readableName(name)).toBe('Phạm Văn Đức · Chữ ký thử, không có giá trị · Văn phòng');
  expect(readableName('O=Sở Y tế,CN=Sở Y tế')).toBe('Sở Y tế');
  expect(readableName('unreadable')).toBe('unreadable');
});
