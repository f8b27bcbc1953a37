package demo

import (
	"fmt"

	"nghisu/internal/access"
)

// places lists every agency in the order in which they must be made.
func places() []place {
	all := []place{committee()}
	for i, h := range heads {
		all = append(all, department(i+1, h))
	}
	for i, f := range former {
		all = append(all, place{key: f.key, code: fmt.Sprintf("H77.%d", 25+i), old: fmt.Sprintf("000.00.%02d.H77", 25+i), name: f.name, symbol: f.symbol,
			level: "department", since: "1997-01-01", ended: mergerDay, successors: []string{f.successor}, reason: merger2025})
	}
	for i, c := range communes {
		all = append(all, commune(51+i, c.key, c.name, c.leader, c.clerk))
	}
	for i, d := range districts {
		all = append(all, district(31+i, d.key, d.name, d.successors))
	}
	return all
}

func department(n int, h head) place {
	p := place{key: h.key, code: fmt.Sprintf("H77.%d", n), old: fmt.Sprintf("000.00.%02d.H77", n), name: h.name, short: h.short, symbol: h.symbol, level: "department", since: "1997-01-01"}
	if h.was != "" {
		p.was, p.wasShort, p.renamed, p.reason = h.was, h.wasShort, mergerDay, merger2025
	}
	office := "Văn phòng"
	if h.key == "vp" {
		p.units = []string{"Phòng Tổng hợp", "Phòng Kiểm soát thủ tục hành chính", "Phòng Kinh tế", "Phòng Hành chính - Quản trị"}
		p.posts = []post{{h.leader, h.title, "", leads}, {h.deputyName, h.deputy, "", leads},
			{"Hoàng Thu Hà", "Thư ký", "Phòng Tổng hợp", secretary},
			{"Nông Thị Cẩm Tú", "Văn thư", "Phòng Hành chính - Quản trị", clerks},
			{"Trịnh Thu Phương", "Chuyên viên", "Phòng Kiểm soát thủ tục hành chính", handles},
			{"", "Chuyên viên", "Phòng Kinh tế", handles},
			{"", "Trưởng phòng Hành chính - Quản trị", "Phòng Hành chính - Quản trị", admins}}
		return p
	}
	p.units = []string{office, "Phòng Nghiệp vụ", "Phòng Kế hoạch - Tổng hợp"}
	if h.leader != "-" { // headed by somebody of another agency
		p.posts = append(p.posts, post{h.leader, h.title, "", leads})
	}
	p.posts = append(p.posts, post{h.deputyName, h.deputy, "", leads},
		post{"", "Văn thư", office, clerks},
		post{"", "Thư ký lãnh đạo", office, secretary},
		post{"", "Chuyên viên", "Phòng Nghiệp vụ", handles},
		post{"", "Chánh Văn phòng", office, admins})
	switch h.key {
	case "stc":
		p.posts[2].name = "Nguyễn Thị Diệp"
	case "skhcn":
		p.posts = append(p.posts, post{"Ngô Quang Vinh", "Quản trị hệ thống", "Phòng Nghiệp vụ", roles(access.SystemAdmin)})
	case "ttr":
		p.posts = append(p.posts, post{"Bạch Thị Kiểm", "Thanh tra viên, kiểm tra nhật ký", "Phòng Nghiệp vụ", roles(access.Auditor)})
	}
	return p
}

func commune(n int, key, name, leader, clerk string) place {
	office, social := "Văn phòng HĐND và UBND", "Phòng Văn hóa - Xã hội"
	return place{key: key, code: fmt.Sprintf("H77.%d", n), old: fmt.Sprintf("000.00.%02d.H77", n), name: "UBND " + name, symbol: "UBND", level: "commune", since: communesDay,
		units: []string{office, social, "Phòng Kinh tế, Hạ tầng"},
		posts: []post{{leader, "Chủ tịch", "", leads}, {"", "Phó Chủ tịch", "", leads}, {clerk, "Văn thư", office, clerks},
			{"", "Chuyên viên", social, handles}, {"", "Chánh Văn phòng HĐND và UBND", office, roles(access.AgencyAdmin, access.Secretary, access.Specialist)}}}
}

func district(n int, key, name string, successors []string) place {
	office := "Văn phòng HĐND và UBND"
	p := place{key: key, code: fmt.Sprintf("H77.%d", n), old: fmt.Sprintf("000.00.%02d.H77", n), name: "UBND " + name, symbol: "UBND", level: "district", since: "1997-01-01",
		units: []string{office, "Phòng Nội vụ", "Phòng Kinh tế"},
		posts: []post{{"", "Chủ tịch", "", leads}, {"", "Phó Chủ tịch", "", leads}, {"", "Văn thư", office, clerks},
			{"", "Thư ký", office, secretary}, {"", "Chuyên viên", "Phòng Kinh tế", handles}, {"", "Chánh Văn phòng HĐND và UBND", office, admins}}}
	if len(successors) > 0 {
		p.ended, p.successors, p.reason, p.posts = communesDay, successors, levels2025, nil
	}
	return p
}
