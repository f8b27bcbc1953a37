package document

import "slices"

// Type is a kind of administrative document.
type Type struct {
	Code         string // our stable code: the abbreviation, or CV and ThC for the two kinds without one
	Name         string // as NĐ 30/2020 Đ.7 words it
	Abbreviation string // first part of the symbol; empty for "công văn" and "thư công"
}

// Types are the 29 kinds, in the order of NĐ 30/2020 Đ.7, with the abbreviations of Annex III.
var Types = []Type{
	{"NQ", "Nghị quyết (cá biệt)", "NQ"},
	{"QĐ", "Quyết định (cá biệt)", "QĐ"},
	{"CT", "Chỉ thị", "CT"},
	{"QC", "Quy chế", "QC"},
	{"QyĐ", "Quy định", "QyĐ"},
	{"TC", "Thông cáo", "TC"},
	{"TB", "Thông báo", "TB"},
	{"HD", "Hướng dẫn", "HD"},
	{"CTr", "Chương trình", "CTr"},
	{"KH", "Kế hoạch", "KH"},
	{"PA", "Phương án", "PA"},
	{"ĐA", "Đề án", "ĐA"},
	{"DA", "Dự án", "DA"},
	{"BC", "Báo cáo", "BC"},
	{"BB", "Biên bản", "BB"},
	{"TTr", "Tờ trình", "TTr"},
	{"HĐ", "Hợp đồng", "HĐ"},
	{"CV", "Công văn", ""},
	{"CĐ", "Công điện", "CĐ"},
	{"BGN", "Bản ghi nhớ", "BGN"},
	{"BTT", "Bản thỏa thuận", "BTT"},
	{"GUQ", "Giấy ủy quyền", "GUQ"},
	{"GM", "Giấy mời", "GM"},
	{"GGT", "Giấy giới thiệu", "GGT"},
	{"GNP", "Giấy nghỉ phép", "GNP"},
	{"PG", "Phiếu gửi", "PG"},
	{"PC", "Phiếu chuyển", "PC"},
	{"PB", "Phiếu báo", "PB"},
	{"ThC", "Thư công", ""},
}

// CopyTypes are the three kinds of copies (NĐ 30/2020 Đ.25, Annex III). They have one yearly number
// series in common and no personal signer.
var CopyTypes = []Type{
	{"SY", "Bản sao y", "SY"},
	{"SL", "Bản sao lục", "SL"},
	{"TrS", "Bản trích sao", "TrS"},
}

var typesByCode = func() map[string]Type {
	m := make(map[string]Type, len(Types)+len(CopyTypes))
	for _, t := range Types {
		m[t.Code] = t
	}
	for _, t := range CopyTypes {
		m[t.Code] = t
	}
	return m
}()

func isCopyType(t Type) bool { return slices.Contains(CopyTypes, t) }

// TypeByCode finds a kind by its code.
func TypeByCode(code string) (Type, bool) {
	t, ok := typesByCode[code]
	return t, ok
}
