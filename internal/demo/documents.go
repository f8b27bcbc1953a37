package demo

import "time"

// How far a sample document has come.
const (
	isDraft     = "draft"
	isReturned  = "returned"
	isCancelled = "cancelled"
	isSubmitted = "submitted"
	isSigned    = "signed"
	isNumbered  = "numbered"
	isSealed    = "sealed"
	isReleased  = "released"
)

// sample is one document of the demo with its road so far.
type sample struct {
	paper
	key      string // of the agency
	clerk    string // usernames
	leader   string
	typeCode string
	no       string
	symbol   string
	level    int    // urgency 0-3
	plain    string // subject as lists show it
	to       []string
	until    string
	reason   string            // of a return or cancellation
	answers  map[string]string // by recipient: "" accepted, else the reason of refusal
	queued   []string          // still on their way when the server starts
	failed   []string          // could not be brought; the sender sees it and tries again
	annex    *paper
}

// blank is the room that a draft leaves for its number.
const blank = "            "

func number(no, symbol string) string { return no + "/" + symbol }

// samplePapers lists the documents, with dates relative to today.
func samplePapers(today time.Time) []sample {
	yesterday := today.AddDate(0, 0, -1)
	cityDay, officeDay := today, yesterday
	all := []sample{procedureReview(officeDay), stormTelegram(cityDay), landRecords(yesterday), sessionInvitation(yesterday), investmentPlan(today.AddDate(0, 0, -4)), dengue(today.AddDate(0, 0, -3))}
	all = append(all, unfinished(today)...)
	for i := range all {
		s := &all[i]
		s.paper.number = number(blank, s.symbol) // the clerk gives it, after the leader
		s.paper.undated = true
	}
	return all
}

func procedureReview(day time.Time) sample {
	return sample{key: "vp", clerk: "vp_nongthicamtu", leader: "vp_phamvanduc", typeCode: "CV", no: "1245", symbol: "VP-KSTTHC", level: 2, until: isReleased,
		plain: "V/v rà soát, đơn giản hóa thủ tục hành chính lĩnh vực đất đai, xây dựng",
		to:    []string{"snnmt", "sxd", "stp", "snv", "bachdang", "anhai", "leloi", "vinhphuoc", "phulam", "tanlap"},
		answers: map[string]string{"sxd": "", "stp": "", "snv": "", "leloi": "", "phulam": "", "anhai": "",
			"snnmt": "Thiếu Biểu mẫu 02 nêu tại mục 3, đề nghị gửi bổ sung."},
		failed: []string{"vinhphuoc"},
		paper: paper{over: "UBND thành phố Tân Giang", agency: "Văn phòng", date: day, urgency: "THƯỢNG KHẨN",
			subject: "V/v rà soát, đơn giản hóa thủ tục hành chính lĩnh vực đất đai, xây dựng",
			to:      []string{"Các sở, ban, ngành thành phố;", "Ủy ban nhân dân các xã, phường."},
			body: []string{
				"Thực hiện Kế hoạch số 128/KH-UBND của Ủy ban nhân dân thành phố về cải cách thủ tục hành chính năm 2026, Văn phòng Ủy ban nhân dân thành phố đề nghị các cơ quan, đơn vị thực hiện các nội dung sau:",
				"1. Rà soát toàn bộ thủ tục hành chính thuộc lĩnh vực đất đai, xây dựng đang thực hiện tại cơ quan, đơn vị; đề xuất bãi bỏ, sửa đổi các thành phần hồ sơ đã có trong cơ sở dữ liệu quốc gia về dân cư.",
				"2. Lập danh mục thủ tục đủ điều kiện cung cấp dịch vụ công trực tuyến toàn trình, kèm đánh giá tác động theo biểu mẫu gửi kèm Công văn này.",
				"3. Báo cáo kết quả về Văn phòng Ủy ban nhân dân thành phố trước 17 giờ 00 sau ba ngày làm việc để tổng hợp, trình Ủy ban nhân dân thành phố tại phiên họp thường kỳ.",
				"Văn phòng Ủy ban nhân dân thành phố trân trọng đề nghị các cơ quan, đơn vị quan tâm, triển khai thực hiện./."},
			copies: []string{"Như trên", "Chủ tịch, các PCT UBND TP", "Sở Tư pháp, Sở Nội vụ", "Lưu: VT, KSTTHC"}, title: "Chánh Văn phòng", signer: "Phạm Văn Đức"},
		annex: &paper{agency: "Văn phòng UBND thành phố", date: day, kind: "BIỂU MẪU 01", subject: "Danh mục thủ tục hành chính rà soát",
			body: []string{"**I. Lĩnh vực đất đai", "1. Tên thủ tục; căn cứ pháp lý; thành phần hồ sơ; thời hạn giải quyết; phương án đơn giản hóa.",
				"2. Thành phần hồ sơ đã có trong cơ sở dữ liệu quốc gia về dân cư, đề xuất không yêu cầu nộp lại.", "**II. Lĩnh vực xây dựng",
				"1. Thủ tục cấp giấy phép xây dựng nhà ở riêng lẻ: hồ sơ, quy trình, thời hạn.", "2. Thủ tục thẩm định thiết kế: đề xuất rút ngắn thời hạn."},
			copies: []string{"Kèm theo Công văn"}, title: "Chánh Văn phòng", signer: "Phạm Văn Đức"}}
}

func stormTelegram(day time.Time) sample {
	return sample{key: "ub", clerk: "ub_vuongthituyetnhung", leader: "ub_nguyenhuuthanh", typeCode: "CĐ", no: "07", symbol: "CĐ-UBND", level: 3, until: isReleased,
		plain:   "Công điện về việc chủ động ứng phó mưa lớn, nguy cơ ngập lụt và sạt lở ven sông Rạch Đông",
		to:      []string{"vp", "snnmt", "catp", "bchqs", "syt", "bachdang", "leloi", "phulam", "rachdong"},
		answers: map[string]string{"catp": "", "bchqs": ""}, queued: []string{"phulam"},
		paper: paper{agency: "Ủy ban nhân dân thành phố Tân Giang", date: day, kind: "CÔNG ĐIỆN", urgency: "HỎA TỐC",
			subject: "Về việc chủ động ứng phó mưa lớn, nguy cơ ngập lụt và sạt lở ven sông Rạch Đông",
			to:      []string{"Giám đốc các sở, Thủ trưởng các ban, ngành thành phố;", "Chủ tịch Ủy ban nhân dân các xã, phường ven sông Rạch Đông."},
			body: []string{
				"Theo bản tin của Đài Khí tượng thủy văn, trong ba ngày tới khu vực thành phố có mưa to đến rất to, tổng lượng mưa từ 150 đến 250 mm, có nơi trên 300 mm; nguy cơ cao xảy ra ngập lụt vùng trũng và sạt lở bờ sông Rạch Đông.",
				"Chủ tịch Ủy ban nhân dân thành phố yêu cầu:",
				"1. Ủy ban nhân dân các xã, phường rà soát, tổ chức di dời người dân ra khỏi khu vực có nguy cơ sạt lở trước 17 giờ 00 hôm nay; kiểm tra hệ thống tiêu thoát nước, cắt tỉa cây xanh.",
				"2. Công an thành phố, Bộ Chỉ huy Quân sự thành phố bố trí lực lượng, phương tiện sẵn sàng cứu hộ, cứu nạn khi có yêu cầu.",
				"3. Sở Nông nghiệp và Môi trường trực ban 24/24 giờ, theo dõi diễn biến mưa lũ, báo cáo Ủy ban nhân dân thành phố hai giờ một lần.",
				"Yêu cầu các cơ quan, đơn vị nghiêm túc thực hiện./."},
			copies: []string{"Như trên", "Thường trực Thành ủy, HĐND TP", "Chủ tịch, các PCT UBND TP", "Lưu: VT"}, title: "Chủ tịch", signer: "Nguyễn Hữu Thành"}}
}

func landRecords(day time.Time) sample {
	return sample{key: "snnmt", clerk: "", leader: "snnmt_ngothibichngoc", typeCode: "CV", no: "2107", symbol: "SNNMT-QLĐĐ", level: 1, until: isReleased,
		plain: "V/v cung cấp hồ sơ địa chính các thửa đất thu hồi thuộc dự án cầu Rạch Đông", to: []string{"bachdang", "leloi", "vp", "bqlda"}, answers: map[string]string{"vp": "", "bqlda": ""},
		paper: paper{over: "UBND thành phố Tân Giang", agency: "Sở Nông nghiệp và Môi trường", date: day, urgency: "KHẨN",
			subject: "V/v cung cấp hồ sơ địa chính các thửa đất thu hồi thuộc dự án cầu Rạch Đông", to: []string{"Ủy ban nhân dân các phường Bạch Đằng, Lê Lợi."},
			body: []string{"Để phục vụ công tác bồi thường, giải phóng mặt bằng dự án cầu Rạch Đông, Sở Nông nghiệp và Môi trường đề nghị Ủy ban nhân dân các phường cung cấp bản sao hồ sơ địa chính của 46 thửa đất theo danh sách đã gửi.",
				"Hồ sơ gửi về Sở trước ngày làm việc thứ ba kể từ ngày nhận được Công văn này. Quá trình thực hiện nếu có vướng mắc, đề nghị liên hệ Phòng Quản lý đất đai để phối hợp giải quyết./."},
			copies: []string{"Như trên", "Văn phòng UBND TP", "Lưu: VT, QLĐĐ"}, title: "Giám đốc", signer: "Ngô Thị Bích Ngọc"}}
}

func sessionInvitation(day time.Time) sample {
	return sample{key: "ub", clerk: "ub_vuongthituyetnhung", leader: "ub_nguyenhuuthanh", typeCode: "GM", no: "07", symbol: "GM-UBND", until: isReleased,
		plain: "Giấy mời họp trực tuyến phiên họp thường kỳ của UBND thành phố", to: []string{"vp", "stc", "sxd", "snnmt", "syt", "skhcn", "bachdang", "anhai", "leloi", "phulam", "bacthanh", "rachdong"},
		answers: map[string]string{"vp": "", "stc": "", "bachdang": "", "syt": "", "anhai": ""},
		paper: paper{agency: "Ủy ban nhân dân thành phố Tân Giang", date: day, kind: "GIẤY MỜI", subject: "Phiên họp thường kỳ của Ủy ban nhân dân thành phố",
			body: []string{"Ủy ban nhân dân thành phố Tân Giang trân trọng kính mời: Giám đốc các sở, Thủ trưởng các ban, ngành; Chủ tịch Ủy ban nhân dân các xã, phường.",
				"Tới dự: Phiên họp thường kỳ của Ủy ban nhân dân thành phố, họp trực tiếp kết hợp trực tuyến.", "Chủ trì: Đồng chí Nguyễn Hữu Thành, Chủ tịch Ủy ban nhân dân thành phố.",
				"Địa điểm: Hội trường A và các điểm cầu. Tài liệu có trong phần mềm họp không giấy; đề nghị các đại biểu nghiên cứu trước và tham dự đúng giờ./."},
			copies: []string{"Như trên", "Lưu: VT"}, authority: "TL. CHỦ TỊCH", title: "Chánh Văn phòng", signer: "Phạm Văn Đức"}}
}

func investmentPlan(day time.Time) sample {
	return sample{key: "stc", clerk: "stc_nguyenthidiep", leader: "stc_vudinhkhai", typeCode: "TTr", no: "318", symbol: "TTr-STC", until: isReleased,
		plain: "Tờ trình về việc điều chỉnh kế hoạch đầu tư công năm 2026 (đợt 3)", to: []string{"ub", "vp", "sxd", "bachdang"}, answers: map[string]string{"ub": "", "vp": "", "bachdang": ""},
		paper: investmentProposal(day)}
}

func investmentProposal(day time.Time) paper {
	return paper{over: "UBND thành phố Tân Giang", agency: "Sở Tài chính", number: "318/TTr-STC", date: day, kind: "TỜ TRÌNH",
		subject: "Về việc điều chỉnh kế hoạch đầu tư công năm 2026 từ nguồn vốn ngân sách thành phố (đợt 3)", to: []string{"Ủy ban nhân dân thành phố Tân Giang."},
		body: []string{"Căn cứ Luật Đầu tư công; căn cứ Nghị quyết số 42/NQ-HĐND của Hội đồng nhân dân thành phố về kế hoạch đầu tư công năm 2026; Sở Tài chính trình Ủy ban nhân dân thành phố điều chỉnh kế hoạch vốn như sau:",
			"1. Điều chỉnh giảm: 6 dự án chậm tiến độ giải phóng mặt bằng, tổng số vốn giảm 184,6 tỷ đồng (chi tiết tại Phụ lục I).",
			"2. Điều chỉnh tăng: 9 dự án có khả năng giải ngân hết trong năm 2026, trong đó ưu tiên cầu Rạch Đông 96,0 tỷ đồng và kè chống sạt lở Phú Lâm 41,5 tỷ đồng (chi tiết tại Phụ lục II).",
			"3. Nguồn vốn: ngân sách thành phố, không làm tăng tổng mức kế hoạch đã được Hội đồng nhân dân thành phố quyết nghị.",
			"Việc điều chỉnh bảo đảm đúng thẩm quyền, trình tự theo quy định của Luật Đầu tư công; các chủ đầu tư cam kết giải ngân toàn bộ số vốn được bổ sung trước ngày 31 tháng 01 năm 2027.",
			"Sở Tài chính kính trình Ủy ban nhân dân thành phố xem xét, quyết định./."},
		copies: []string{"Như trên", "Sở Xây dựng, Ban QLDA", "Lưu: VT, ĐT"}, title: "Giám đốc", signer: "Vũ Đình Khải"}
}

func dengue(day time.Time) sample {
	return sample{key: "syt", clerk: "", leader: "syt_danghoainam", typeCode: "CV", no: "452", symbol: "SYT-NVY", level: 1, until: isReleased,
		plain: "V/v tăng cường giám sát, phòng chống bệnh sốt xuất huyết trong mùa mưa", to: []string{"bachdang", "anhai", "leloi", "vp"}, answers: map[string]string{"bachdang": "", "anhai": "", "vp": ""},
		paper: paper{over: "UBND thành phố Tân Giang", agency: "Sở Y tế", date: day, urgency: "KHẨN", subject: "V/v tăng cường giám sát, phòng chống bệnh sốt xuất huyết trong mùa mưa",
			to: []string{"Ủy ban nhân dân các xã, phường."},
			body: []string{"Từ đầu tháng đến nay, toàn thành phố ghi nhận 87 ca mắc sốt xuất huyết, tăng 22 ca so với cùng kỳ. Sở Y tế đề nghị Ủy ban nhân dân các xã, phường chỉ đạo trạm y tế giám sát chặt chẽ, xử lý triệt để ổ dịch trong 48 giờ kể từ khi phát hiện.",
				"Tổ chức chiến dịch diệt lăng quăng vào sáng thứ Bảy hằng tuần; báo cáo kết quả về Sở Y tế trước 16 giờ 00 thứ Sáu./."},
			copies: []string{"Như trên", "Văn phòng UBND TP", "Lưu: VT, NVY"}, title: "Giám đốc", signer: "Đặng Hoài Nam"}}
}

// unfinished are documents that wait for somebody of the showcase.
func unfinished(today time.Time) []sample {
	short := func(over, agency, subject, title, signer string, body ...string) paper {
		return paper{over: over, agency: agency, date: today, subject: subject, to: []string{"Văn phòng UBND thành phố."}, body: body,
			copies: []string{"Như trên", "Lưu: VT"}, title: title, signer: signer}
	}
	city, ward := "UBND thành phố Tân Giang", "UBND phường Bạch Đằng"
	report := short(city, "Sở Tài chính", "Về tình hình kinh tế - xã hội 11 tháng, nhiệm vụ tháng 12 năm 2026", "Giám đốc", "Vũ Đình Khải",
		"Tổng thu ngân sách 11 tháng ước đạt 92,4% dự toán; giải ngân vốn đầu tư công đạt 71,8% kế hoạch.", "Nhiệm vụ tháng 12: tập trung tháo gỡ vướng mắc giải phóng mặt bằng cầu Rạch Đông, đẩy nhanh giải ngân./.")
	report.kind = "BÁO CÁO"
	wardReport := short("", "Ủy ban nhân dân phường Bạch Đằng", "Kết quả tháo gỡ vướng mắc giải phóng mặt bằng cầu Rạch Đông", "Chủ tịch", "Phan Thị Kim Oanh",
		"Đến nay đã có 41/46 hộ dân đồng thuận phương án bồi thường; 5 hộ đang tiếp tục vận động./.")
	wardReport.kind = "BÁO CÁO"
	return []sample{
		{key: "stc", clerk: "stc_nguyenthidiep", leader: "stc_vudinhkhai", typeCode: "BC", no: "305", symbol: "BC-STC", plain: "Báo cáo tình hình kinh tế - xã hội 11 tháng, nhiệm vụ tháng 12 năm 2026",
			to: []string{"ub", "vp"}, until: isSealed, paper: report},
		{key: "stc", clerk: "stc_nguyenthidiep", leader: "stc_vudinhkhai", typeCode: "CV", no: "1312", symbol: "STC-NS", level: 1, plain: "V/v thẩm định giá nước sạch năm 2027", to: []string{"vp", "sxd", "bachdang"}, until: isSubmitted,
			paper: short(city, "Sở Tài chính", "V/v thẩm định giá nước sạch năm 2027", "Giám đốc", "Vũ Đình Khải", "Sở Tài chính gửi kết quả thẩm định phương án giá nước sạch năm 2027, đề nghị các cơ quan có ý kiến trước ngày 05 tháng 12 năm 2026./.")},
		{key: "vp", clerk: "vp_trinhthuphuong", leader: "vp_phamvanduc", typeCode: "CV", no: "1251", symbol: "VP-TH", plain: "V/v chuẩn bị làm việc với Đoàn đại biểu Quốc hội thành phố", to: []string{"stc", "snv", "stp"}, until: isSubmitted,
			paper: short(city, "Văn phòng", "V/v chuẩn bị làm việc với Đoàn đại biểu Quốc hội thành phố", "Chánh Văn phòng", "Phạm Văn Đức", "Đề nghị các sở chuẩn bị báo cáo chuyên đề phục vụ buổi làm việc với Đoàn đại biểu Quốc hội thành phố vào tuần tới./.")},
		{key: "ub", clerk: "ub_vuongthituyetnhung", leader: "ub_nguyenhuuthanh", typeCode: "QĐ", no: "2415", symbol: "QĐ-UBND", level: 2, plain: "Quyết định thành lập Ban Chỉ huy phòng thủ dân sự phường, xã ven sông Rạch Đông", to: []string{"vp", "bchqs", "bachdang", "leloi", "phulam"}, until: isSubmitted,
			paper: paper{agency: "Ủy ban nhân dân thành phố Tân Giang", date: today, kind: "QUYẾT ĐỊNH", urgency: "THƯỢNG KHẨN", subject: "Về việc thành lập Ban Chỉ huy phòng thủ dân sự phường, xã ven sông Rạch Đông",
				body:   []string{"**ỦY BAN NHÂN DÂN THÀNH PHỐ TÂN GIANG", "Căn cứ Luật Tổ chức chính quyền địa phương; theo đề nghị của Chỉ huy trưởng Bộ Chỉ huy Quân sự thành phố,", "**QUYẾT ĐỊNH:", "Điều 1. Thành lập Ban Chỉ huy phòng thủ dân sự tại các phường Bạch Đằng, Lê Lợi và xã Phú Lâm.", "Điều 2. Chánh Văn phòng Ủy ban nhân dân thành phố, Thủ trưởng các cơ quan liên quan chịu trách nhiệm thi hành Quyết định này./."},
				copies: []string{"Như Điều 2", "Lưu: VT"}, authority: "TM. ỦY BAN NHÂN DÂN", title: "Chủ tịch", signer: "Nguyễn Hữu Thành"}},
		{key: "bachdang", clerk: "bachdang_dothilananh", leader: "bachdang_phanthikimoanh", typeCode: "BC", no: "91", symbol: "BC-UBND", plain: "Báo cáo kết quả tháo gỡ vướng mắc giải phóng mặt bằng cầu Rạch Đông", to: []string{"vp", "snnmt", "bqlda"}, until: isSigned, paper: wardReport},
		{key: "bachdang", clerk: "bachdang_dothilananh", leader: "bachdang_phanthikimoanh", typeCode: "CV", no: "92", symbol: "UBND-ĐC", level: 1, plain: "V/v cung cấp hồ sơ địa chính dự án cầu Rạch Đông", to: []string{"snnmt"}, until: isSubmitted,
			paper: short("", ward, "V/v cung cấp hồ sơ địa chính dự án cầu Rạch Đông", "Chủ tịch", "Phan Thị Kim Oanh", "Ủy ban nhân dân phường Bạch Đằng gửi hồ sơ địa chính của 28 thửa đất theo đề nghị tại Công văn số 2107/SNNMT-QLĐĐ./.")},
		{key: "vp", clerk: "vp_nongthicamtu", leader: "vp_phamvanduc", typeCode: "TB", no: "41", symbol: "TB-VP", plain: "Thông báo kết luận giao ban Văn phòng tuần 47", to: []string{"cds", "hcc"}, until: isReturned, reason: "Bổ sung thời hạn hoàn thành cho từng nhiệm vụ.",
			paper: withKind("THÔNG BÁO", short(city, "Văn phòng", "Kết luận giao ban Văn phòng tuần 47", "Chánh Văn phòng", "Phạm Văn Đức", "Các phòng hoàn thành số hóa hồ sơ tồn trước kỳ họp tới./."))},
		{key: "vp", clerk: "vp_trinhthuphuong", leader: "vp_phamvanduc", typeCode: "KH", no: "129", symbol: "KH-VP", plain: "Kế hoạch tập huấn sử dụng phần mềm họp không giấy", to: []string{"bachdang", "anhai", "leloi"}, until: isDraft,
			paper: withKind("KẾ HOẠCH", short(city, "Văn phòng", "Tập huấn sử dụng phần mềm họp không giấy", "Chánh Văn phòng", "Phạm Văn Đức", "Tập huấn cho văn thư, thư ký các xã, phường trong hai ngày tại Hội trường B./."))},
		{key: "vp", clerk: "vp_nongthicamtu", leader: "vp_phamvanduc", typeCode: "CV", no: "1238", symbol: "VP-HC", plain: "V/v thay đổi lịch trực cơ quan", to: []string{"hcc"}, until: isCancelled, reason: "Đã thay bằng Thông báo số 40/TB-VP.",
			paper: short(city, "Văn phòng", "V/v thay đổi lịch trực cơ quan", "Chánh Văn phòng", "Phạm Văn Đức", "Điều chỉnh lịch trực tháng 11./.")},
	}
}

func withKind(kind string, p paper) paper {
	p.kind = kind
	return p
}
