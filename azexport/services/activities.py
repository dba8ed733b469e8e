"""The 29 fields of activity by which services are classified (S3.1): the law's words, English ours."""

from __future__ import annotations

from azexport.kernel.text import Text, both

ACTIVITIES: dict[str, Text] = {
    "3.1.1": both("Ailə, qadın, uşaq problemləri", "Family, women, children"),
    "3.1.2": both("Arxitektura və tikinti", "Architecture and construction"),
    "3.1.3": both("Dini qurumlarla iş", "Work with religious organisations"),
    "3.1.4": both("Dövlət qulluğu", "Civil service"),
    "3.1.5": both("Əmək və məşğulluq", "Labour and employment"),
    "3.1.6": both("Əmlak münasibətləri", "Property relations"),
    "3.1.7": both("Gömrük işi", "Customs"),
    "3.1.8": both("Hüquqi xidmətlər", "Legal services"),
    "3.1.9": both("Hüquq mühafizə", "Law enforcement"),
    "3.1.10": both("İdman və bədən tərbiyəsi", "Sport and physical education"),
    "3.1.11": both("Kənd təsərrüfatı", "Agriculture"),
    "3.1.12": both("Kommunal xidmətlər", "Public utilities"),
    "3.1.13": both("Konsulluq xidmətləri", "Consular services"),
    "3.1.14": both("Qaçqınlar və məcburi köçkünlərlə iş", "Refugees and internally displaced persons"),
    "3.1.15": both("Maliyyə, qiymətli kağızlar, audit", "Finance, securities, audit"),
    "3.1.16": both("Mədəniyyət, turizm", "Culture, tourism"),
    "3.1.17": both("Müdafiə", "Defence"),
    "3.1.18": both("Nəqliyyat", "Transport"),
    "3.1.19": both("Rabitə və informasiya texnologiyaları", "Communications and information technologies"),
    "3.1.20": both("Səhiyyə", "Health"),
    "3.1.21": both("Sənaye, ticarət", "Industry, trade"),
    "3.1.22": both("Sosial müdafiə, sosial təminat", "Social protection, social security"),
    "3.1.23": both("Standartlaşdırma və metrologiya", "Standardisation and metrology"),
    "3.1.24": both("Statistika", "Statistics"),
    "3.1.25": both("Təbii resurslar və ekologiya", "Natural resources and ecology"),
    "3.1.26": both("Təhsil və elm", "Education and science"),
    "3.1.27": both("Torpaq və xəritəçəkmə", "Land and mapping"),
    "3.1.28": both("Vergilər", "Taxes"),
    "3.1.29": both("Vətəndaşlıq, miqrasiya", "Citizenship, migration"),
}
"""Clause of S3.1 -> name."""
