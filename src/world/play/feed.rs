//! Feeds and sitemaps in their true shapes.

use super::super::script::Post;
use super::super::{Asked, Moment, Topic, XML};
use super::{Found, Resource, written};

/// What markup means literally.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// The last part of a post's address.
pub fn slug(post: &Post) -> String {
    if !post.slug.is_empty() {
        return post.slug.clone();
    }
    let words = post.title.to_lowercase();
    let words = words
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

/// An RSS feed of what a probe reads; each item stands below `base`.
pub fn rss(probe: &'static str, asked: &Asked, title: &'static str, base: &'static str) -> Found {
    feed(probe, asked, move |moment| {
        let items: String = moment.posts(probe).into_iter().map(|(at, post)| {
            let link = format!("{base}{}", slug(post));
            let tags: String = post.tags.iter().map(|tag| format!("<category>{}</category>\n", escaped(tag))).collect();
            let day = at.strftime("%a, %d %b %Y %H:%M:%S GMT");
            format!(
                "<item>\n<title>{}</title>\n<link>{link}</link>\n<guid isPermaLink=\"false\">{link}</guid>\n{tags}<description>{}</description>\n<pubDate>{day}</pubDate>\n</item>\n",
                escaped(&post.title),
                escaped(&format!("<p>{}</p>", escaped(&post.text))),
            )
        }).collect();
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\">\n<channel>\n<title>{title}</title>\n<link>{base}</link>\n<description>Simulated by bellwether demo</description>\n{items}</channel>\n</rss>\n"
        )
    })
}

/// An Atom feed of what a probe reads; each entry stands below `base`.
pub fn atom(probe: &'static str, asked: &Asked, title: &'static str, base: &'static str) -> Found {
    feed(probe, asked, move |moment| {
        let entries: String = moment.posts(probe).into_iter().map(|(at, post)| {
            let link = format!("{base}{}", slug(post));
            format!(
                "<entry>\n<title>{}</title>\n<id>{link}</id>\n<link rel=\"alternate\" href=\"{link}\"/>\n<updated>{}</updated>\n<content type=\"html\">{}</content>\n</entry>\n",
                escaped(&post.title),
                at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                escaped(&format!("<p>{}</p>", escaped(&post.text))),
            )
        }).collect();
        let updated = moment
            .changed(&Topic::Feed(probe.to_string()))
            .strftime("%Y-%m-%dT%H:%M:%SZ");
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n<id>{base}</id>\n<title>{title}</title>\n<subtitle>Simulated by bellwether demo</subtitle>\n<updated>{updated}</updated>\n{entries}</feed>\n"
        )
    })
}

/// A sitemap with the posts of a probe; each stands below `base`.
pub fn sitemap(probe: &'static str, asked: &Asked, base: &'static str) -> Found {
    feed(probe, asked, move |moment| {
        let mut posts = moment.posts(probe);
        moment.shuffle(&mut posts);
        let pages: String = posts
            .into_iter()
            .map(|(at, post)| {
                format!(
                    "<url><loc>{base}{}</loc><lastmod>{}</lastmod></url>\n",
                    slug(post),
                    at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
                )
            })
            .collect();
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- Simulated by bellwether demo -->\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n{pages}</urlset>\n"
        )
    })
}

fn feed(
    probe: &'static str,
    asked: &Asked,
    make: impl Fn(&Moment<'_>) -> String + Send + Sync + 'static,
) -> Found {
    let topics = vec![Topic::Feed(probe.to_string())];
    Resource::new(probe, asked, XML, topics, move |moment| {
        written::text(moment, &make(moment))
    })
    .into()
}
