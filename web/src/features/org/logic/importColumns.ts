/** Vietnamese headings of the import files, as the server understands them; the first ones are needed. */
export const importColumns = {
  agencies: ['Mã cơ quan', 'Tên cơ quan', 'Cấp', 'Tên viết tắt', 'Ký hiệu', 'Mã cơ quan cấp trên', 'Từ ngày', 'Mã cũ'],
  people: [
    'Họ và tên',
    'Mã định danh',
    'Tài khoản',
    'Mã cơ quan',
    'Chức vụ',
    'Vai trò',
    'Đơn vị',
    'Thư điện tử',
    'Điện thoại',
    'Từ ngày',
  ],
} as const;
