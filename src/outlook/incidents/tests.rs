use super::*;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_795_600_800 + minute * 60).expect("a time")
}

fn own(begin: i64, ended: Option<i64>) -> OwnIncident {
    OwnIncident {
        kind: OwnKind::Down,
        vantage: "home".to_string(),
        provider: "acme".to_string(),
        region: String::new(),
        probe: String::new(),
        host: "api.acme.test".to_string(),
        model: String::new(),
        begin: at(begin),
        seen: at(begin + 5),
        ended: ended.map(at),
        ended_by: ended.map(|_| EndedBy::Recovered),
        n: 4,
        of: 5,
        before: None,
        during: None,
        samples: None,
    }
}

fn stated(end: Option<i64>, ended: Option<i64>) -> StatedIncident {
    StatedIncident {
        provider: "acme".to_string(),
        id: "i1".to_string(),
        name: "Elevated errors".to_string(),
        places: Vec::new(),
        impact: None,
        begin: Some(at(0)),
        seen: at(20),
        end: end.map(at),
        ended: ended.map(at),
        link: None,
    }
}

fn row(own: Option<OwnIncident>, stated: Option<StatedIncident>) -> Row {
    Row {
        own,
        stated,
        lead: None,
    }
}

#[test]
fn the_end_that_a_page_states_is_the_end() {
    let lasted = |row: &Row| row.lasted_in_words(at(200));
    let page = row(None, Some(stated(Some(40), Some(100))));
    assert_eq!(lasted(&page), "40 min, stated");
    assert_eq!(page.object()["page_ended"], at(40).to_string());
    assert_eq!(page.object()["ended_by"], "stated");
    let silent = row(None, Some(stated(None, Some(70))));
    assert_eq!(lasted(&silent), "1 h 10 min, unlisted");
    assert_eq!(silent.object()["page_ended_by"], "unlisted");
    let ours = row(Some(own(0, Some(55))), None);
    assert_eq!(lasted(&ours), "55 min, measured");
    let both = row(Some(own(0, Some(55))), Some(stated(Some(40), Some(100))));
    assert_eq!(lasted(&both), "55 min, measured");
    let open = row(Some(own(0, None)), Some(stated(Some(40), Some(100))));
    assert_eq!(lasted(&open), "3 h 20 min, goes on");
    assert!(open.object()["ended"].is_null());
}
