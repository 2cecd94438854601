"""Keyword rules as a careful analyst writes them from the codebook: phrases a theme, in the company of civil servants.

Written from labels/themes.toml and labels/GUIDE.md before any of the judged paragraphs was scored, and left so.
"""

import re

_SERVANTS = (
    r"\b(asn|pns|pppk|cpns|aparatur|pegawai|pejabat|eselon|camat|lurah|sekda|sekretaris daerah|kepala dinas"
    r"|kepala badan|kadis|kepala sekolah|guru|birokrat|birokrasi|jabatan|pemkab|pemkot|pemprov|opd|skpd"
    r"|kementerian|korpri|bkn|kasn"
    r"|bkd|bkpsdm|menpan\w*|dinas|inspektorat)\b"
)
_RULES = {
    "neutrality": r"\b(netral|netralitas|ketidaknetralan|politik praktis|tidak memihak|memihak|berpihak|keberpihakan"
    r"|dukung(an)? (calon|paslon)|kampanye|bawaslu|tim sukses|politisasi birokrasi)\b",
    "merit": r"\b(melantik|dilantik|pelantikan|mutasi|dimutasi|rotasi|dirotasi|promosi|dipromosikan|demosi"
    r"|lelang jabatan|seleksi terbuka|open bidding|sistem merit|meritokrasi|manajemen talenta|uji kompetensi"
    r"|asesmen|assessment"
    r"|kenaikan pangkat|naik pangkat|pelaksana tugas|pelaksana harian|plt|plh|mengisi jabatan|pengisian jabatan"
    r"|jabatan kosong|kekosongan jabatan|jabatan pimpinan tinggi|jenjang karier|pola karier|nonjob)\b",
    "integrity": r"\b(korupsi|suap|menyuap|disuap|gratifikasi|jual beli jabatan|pungli|pungutan liar|pemerasan"
    r"|integritas|pakta integritas|kode etik|pelanggaran disiplin|hukuman disiplin|sanksi disiplin"
    r"|sumpah jabatan|amanah"
    r"|benturan kepentingan|konflik kepentingan|lhkpn|nepotisme|kolusi|penyalahgunaan wewenang|mangkir|indisipliner"
    r"|whistleblow\w*|ijazah palsu|diberhentikan tidak dengan hormat)\b",
    "performance": r"\b(kinerja|kpi|skp|sasaran kerja|perjanjian kinerja|target|capaian|produktivitas|produktif"
    r"|profesional|profesionalisme|profesionalitas|etos kerja|kualitas pelayanan|pelayanan prima|pelayanan publik"
    r"|serapan anggaran|penyerapan anggaran|evaluasi|sakip|inovasi|indeks kepuasan)\b",
    "awards": r"\b(penghargaan|award|awards|anugerah|dianugerahi|satyalancana|tanda kehormatan|opini wtp"
    r"|wajar tanpa pengecualian|adipura|predikat|juara|trofi|piagam|peringkat (pertama|kedua|ketiga|i|ii|iii|1|2|3)"
    r"|nominasi|terbaik)\b",
}
_COMPILED = {theme: re.compile(rule, re.IGNORECASE) for theme, rule in _RULES.items()}
_COMPANY = re.compile(_SERVANTS, re.IGNORECASE)


def themes_of(text: str) -> list[str]:
    """Return the themes whose rule holds: one of its phrases, and a word of the civil service."""
    return [theme for theme, rule in _COMPILED.items() if rule.search(text)] if _COMPANY.search(text) else []
