package demo

import (
	"nghisu/internal/access"
)

// City is the name of the invented city, as the pictures show it.
const (
	City         = "Thành phố Tân Giang"
	supportPhone = "0236 3 555 112"
)

// post is one position of an agency with a person of a given name; an empty name is filled in.
type post struct {
	name     string
	position string
	unit     string
	roles    []access.Role
}

// place is one agency of the city. Its key begins the usernames of its people.
type place struct {
	key, code, old  string
	name, short     string
	symbol, level   string
	since           string // first day
	was, wasShort   string // former name, until renamed
	renamed, reason string
	ended           string   // first day on which it no longer exists
	successors      []string // keys
	units           []string
	posts           []post
}

func roles(r ...access.Role) []access.Role { return r }

var (
	leads     = roles(access.Leader)
	clerks    = roles(access.Clerk)
	secretary = roles(access.Secretary, access.Specialist)
	handles   = roles(access.Specialist)
	admins    = roles(access.AgencyAdmin, access.Specialist)
)

const (
	merger2025  = "Sắp xếp tổ chức bộ máy theo Nghị quyết số 12/NQ-HĐND ngày 25/02/2025 của Hội đồng nhân dân thành phố"
	levels2025  = "Kết thúc hoạt động cấp huyện, sắp xếp đơn vị hành chính theo Nghị quyết số 1685/NQ-UBTVQH15 (dữ liệu minh họa)"
	mergerDay   = "2025-03-01"
	communesDay = "2025-07-01"
)

// committee is the city's own place.
func committee() place {
	return place{key: "ub", code: "H77", old: "000.00.00.H77", name: "UBND thành phố Tân Giang", short: "UBND thành phố", symbol: "UBND", level: "city", since: "1997-01-01",
		units: []string{"Lãnh đạo UBND thành phố", "Văn thư UBND thành phố"},
		posts: []post{
			{"Nguyễn Hữu Thành", "Chủ tịch", "", leads},
			{"Trần Thị Minh Hạnh", "Phó Chủ tịch", "", leads},
			{"Lê Quốc Bảo", "Phó Chủ tịch", "", leads},
			{"Vương Thị Tuyết Nhung", "Văn thư", "Văn thư UBND thành phố", clerks},
			{"Lưu Đình Phong", "Thư ký Chủ tịch", "Lãnh đạo UBND thành phố", secretary},
			{"", "Chuyên viên, quản trị cơ quan", "Văn thư UBND thành phố", admins},
		}}
}

// head is what is particular to a department.
type head struct {
	key, name, short, symbol string
	title, leader            string // of the head
	deputy, deputyName       string
	was, wasShort            string
}

var heads = []head{
	{"vp", "Văn phòng UBND thành phố", "Văn phòng UBND TP", "VP", "Chánh Văn phòng", "Phạm Văn Đức", "Phó Chánh Văn phòng", "Đào Thị Thu Hường", "", ""},
	{"stc", "Sở Tài chính", "", "STC", "Giám đốc", "Vũ Đình Khải", "Phó Giám đốc", "", "", ""},
	{"sxd", "Sở Xây dựng", "", "SXD", "Giám đốc", "Bùi Quang Huy", "Phó Giám đốc", "", "", ""},
	{"snnmt", "Sở Nông nghiệp và Môi trường", "Sở NN và Môi trường", "SNNMT", "Giám đốc", "Ngô Thị Bích Ngọc", "Phó Giám đốc", "", "Sở Nông nghiệp và Phát triển nông thôn", "Sở NN và PTNT"},
	{"syt", "Sở Y tế", "", "SYT", "Giám đốc", "Đặng Hoài Nam", "Phó Giám đốc", "", "", ""},
	{"sgddt", "Sở Giáo dục và Đào tạo", "Sở GD và ĐT", "SGDĐT", "Giám đốc", "Mai Xuân Trường", "Phó Giám đốc", "", "", ""},
	{"skhcn", "Sở Khoa học và Công nghệ", "Sở Khoa học và CN", "SKHCN", "Giám đốc", "Trịnh Thanh Tùng", "Phó Giám đốc", "Lê Minh Đạt", "", ""},
	{"snv", "Sở Nội vụ", "", "SNV", "Giám đốc", "Lý Thị Hồng Vân", "Phó Giám đốc", "", "", ""},
	{"catp", "Công an thành phố", "Công an TP", "CATP", "Giám đốc", "Cao Minh Tuấn", "Phó Giám đốc", "", "", ""},
	{"bchqs", "Bộ Chỉ huy Quân sự thành phố", "BCH Quân sự TP", "BCH", "Chỉ huy trưởng", "Hồ Sỹ Quang", "Phó Chỉ huy trưởng", "", "", ""},
	{"stp", "Sở Tư pháp", "", "STP", "Giám đốc", "Tô Thị Thanh Mai", "Phó Giám đốc", "", "", ""},
	{"sct", "Sở Công Thương", "", "SCT", "Giám đốc", "Hà Quốc Việt", "Phó Giám đốc", "", "", ""},
	{"svhttdl", "Sở Văn hóa, Thể thao và Du lịch", "Sở VH, TT và DL", "SVHTTDL", "Giám đốc", "Dương Thị Ngân", "Phó Giám đốc", "", "Sở Văn hóa và Thể thao", ""},
	{"ttr", "Thanh tra thành phố", "Thanh tra TP", "TTTP", "Chánh Thanh tra", "Đinh Công Thắng", "Phó Chánh Thanh tra", "", "", ""},
	{"sdttg", "Sở Dân tộc và Tôn giáo", "Sở Dân tộc và TG", "SDTTG", "Giám đốc", "Quách Thị Hiền", "Phó Giám đốc", "", "Ban Dân tộc thành phố", "Ban Dân tộc"},
	{"sngv", "Sở Ngoại vụ", "", "SNgV", "Giám đốc", "Trương Đức Long", "Phó Giám đốc", "", "", ""},
	{"bqlkcn", "Ban Quản lý các khu công nghiệp", "BQL các KCN", "BQLKCN", "Trưởng ban", "Kiều Anh Dũng", "Phó Trưởng ban", "", "", ""},
	{"bqlda", "Ban Quản lý dự án đầu tư xây dựng thành phố", "BQL dự án TP", "BQLDA", "Giám đốc", "Lại Văn Khôi", "Phó Giám đốc", "", "", ""},
	{"hcc", "Trung tâm Phục vụ hành chính công thành phố", "TT Hành chính công", "TTHCC", "Giám đốc", "Thái Thị Thùy Linh", "Phó Giám đốc", "", "", ""},
	{"cds", "Trung tâm Chuyển đổi số", "TT Chuyển đổi số", "TTCĐS", "Giám đốc", "-", "Phó Giám đốc", "", "", ""},
	{"qd", "Trung tâm Phát triển quỹ đất", "TT Quỹ đất", "TTPTQĐ", "Giám đốc", "Tăng Bá Lâm", "Phó Giám đốc", "", "", ""},
}

// former are departments that the merger of 2025 ended.
var former = []struct{ key, name, symbol, successor string }{
	{"skhdt", "Sở Kế hoạch và Đầu tư", "SKHĐT", "stc"},
	{"sgtvt", "Sở Giao thông vận tải", "SGTVT", "sxd"},
	{"stnmt", "Sở Tài nguyên và Môi trường", "STNMT", "snnmt"},
	{"stttt", "Sở Thông tin và Truyền thông", "STTTT", "skhcn"},
}

// districts of the former middle level. Two ended in July 2025; the others stay as data of the city.
var districts = []struct {
	key, name  string
	successors []string
}{
	{"bacthanh", "quận Bắc Thành", nil}, {"namthanh", "quận Nam Thành", nil}, {"songdao", "quận Sông Đào", nil},
	{"rachdong", "quận Rạch Đông", nil}, {"thuydong", "quận Thủy Đông", nil}, {"benpha", "thị xã Bến Phà", nil},
	{"anbinh", "huyện An Bình", nil}, {"phukhe", "huyện Phú Khê", nil}, {"longkhe", "huyện Long Khê", nil}, {"hoagiang", "huyện Hòa Giang", nil},
	{"caugo", "quận Cầu Gỗ", []string{"bachdang", "leloi", "pcaugo"}},
	{"thachkhe", "huyện Thạch Khê", []string{"phulam", "tanlap", "xthachkhe"}},
}

// communes of today: wards, communes, one special zone.
var communes = []struct{ key, name, leader, clerk string }{
	{"bachdang", "phường Bạch Đằng", "Phan Thị Kim Oanh", "Đỗ Thị Lan Anh"},
	{"anhai", "phường An Hải", "Chu Văn Lợi", ""},
	{"leloi", "phường Lê Lợi", "Nghiêm Thị Phương Thảo", ""},
	{"vinhphuoc", "phường Vĩnh Phước", "Doãn Mạnh Cường", ""},
	{"pcaugo", "phường Cầu Gỗ", "", ""}, {"tranphu", "phường Trần Phú", "", ""}, {"hongha", "phường Hồng Hà", "", ""}, {"bensong", "phường Bến Sông", "", ""},
	{"thanhcong", "phường Thành Công", "", ""}, {"hoaminh", "phường Hòa Minh", "", ""}, {"tanchinh", "phường Tân Chính", "", ""}, {"thuantay", "phường Thuận Tây", "", ""},
	{"thuandong", "phường Thuận Đông", "", ""}, {"phusong", "phường Phú Sông", "", ""}, {"kimlien", "phường Kim Liên", "", ""}, {"ngochoi", "phường Ngọc Hồi", "", ""},
	{"langthuong", "phường Láng Thượng", "", ""}, {"dongngac", "phường Đông Ngạc", "", ""}, {"tayho", "phường Tây Hồ", "", ""}, {"xuanla", "phường Xuân La", "", ""},
	{"vandon", "phường Vân Đồn", "", ""}, {"myan", "phường Mỹ An", "", ""}, {"thanhkhe", "phường Thanh Khê", "", ""}, {"camle", "phường Cẩm Lệ", "", ""}, {"benpha2", "phường Bến Phà", "", ""},
	{"phulam", "xã Phú Lâm", "Tạ Văn Sơn", ""},
	{"tanlap", "xã Tân Lập", "Ninh Thị Hải Yến", ""},
	{"xthachkhe", "xã Thạch Khê", "", ""}, {"hoaphong", "xã Hòa Phong", "", ""}, {"binhan", "xã Bình An", "", ""}, {"dailoc", "xã Đại Lộc", "", ""}, {"quephuoc", "xã Quế Phước", "", ""},
	{"longthanh", "xã Long Thành", "", ""}, {"sonha", "xã Sơn Hà", "", ""}, {"yenbai", "xã Yên Bãi", "", ""}, {"thuongcat", "xã Thượng Cát", "", ""}, {"vanphuc", "xã Vạn Phúc", "", ""},
	{"dongmai", "xã Đồng Mai", "", ""}, {"phunghia", "xã Phú Nghĩa", "", ""}, {"trungha", "xã Trung Hà", "", ""}, {"lientrung", "xã Liên Trung", "", ""},
	{"culao", "đặc khu Cù Lao Xanh", "", ""},
}
