//! Development harness (not kept).
use std::process::{Command, Stdio};
use std::io::Read;
use serde_json::Value;
use super::glyphs::Glyphs;
use super::operator::*;
use super::scene::*;
use super::search::*;
use crate::redaction::Look;
use crate::*;

pub fn frame_at(path: &str, t: f64, w: usize, h: usize) -> Luma {
    let out = Command::new("ffmpeg").args(["-v","error","-ss",&format!("{t:.3}"),"-i",path,"-frames:v","1","-vf","extractplanes=y","-f","rawvideo","-pix_fmt","gray","-"]).stdout(Stdio::piped()).output().unwrap().stdout;
    assert_eq!(out.len(), w*h);
    Luma{width:w,height:h,pixels:out}
}
pub fn crop(l:&Luma, r:Rect)->Luma{
    let mut p=vec![]; for y in r.y..r.y+r.height { let s=y as usize*l.width+r.x as usize; p.extend_from_slice(&l.pixels[s..s+r.width as usize]); }
    Luma{width:r.width as usize,height:r.height as usize,pixels:p}
}
pub fn rect(v:&Value)->Rect{ let a:Vec<u32>=v.as_array().unwrap().iter().map(|x|x.as_f64().unwrap() as u32).collect(); Rect{x:a[0],y:a[1],width:a[2],height:a[3]} }
pub fn reading(t:&Value, path:&str, frames_n:usize)->Reading{
    let size=(t["size"][0].as_u64().unwrap() as usize,t["size"][1].as_u64().unwrap() as usize);
    let cell=(t["cell"][0].as_f64().unwrap() as f32,t["cell"][1].as_f64().unwrap() as f32);
    let o=(t["text_origin"][0].as_f64().unwrap() as f32,t["text_origin"][1].as_f64().unwrap() as f32);
    let dur=t["duration"].as_f64().unwrap();
    let mut r=Reading::default(); let mut ground=0;
    let mut seen=std::collections::BTreeSet::new();
    for k in 0..frames_n { let tm=dur*(k as f64+0.7)/(frames_n as f64+0.5);
        let f=frame_at(path,tm,size.0,size.1);
        if k==0 { let mut c=[0;256]; f.pixels.iter().for_each(|p|c[*p as usize]+=1); 
            let area=Rect{x:o.0 as u32,y:o.1 as u32,width:400,height:300}; let mut c=[0;256]; crop(&f,area).pixels.iter().for_each(|p|c[*p as usize]+=1); ground=(0..256).max_by_key(|i|c[*i]).unwrap(); }
        for l in t["lines"].as_array().unwrap() { let (a,b)=(l["t0"].as_f64().unwrap(),l["t1"].as_f64().unwrap());
            if !(a+0.15<tm && tm<b-0.15) {continue}
            let text=l["text"].as_str().unwrap(); if text.trim().is_empty(){continue}
            if !seen.insert((text.to_owned(),)) {continue}
            let mut pl=rect(&l["rect"]); pl.width=((text.chars().count() as f32)*cell.0) as u32;
            let chars=text.chars().enumerate().filter(|(i,c)| { if *c==' ' {return false}
                let x0=o.0+*i as f32*cell.0; let x1=x0+cell.0; let y0=pl.y as f32; let y1=y0+cell.1;
                !t["ops"].as_array().unwrap().iter().any(|op| { let q=rect(&op["rect"]); let (s,e)=(op["t0"].as_f64().unwrap(),op["t1"].as_f64().unwrap()); s-0.2<tm&&tm<e+0.2 && (q.x as f32)<x1 && (q.x+q.width) as f32>x0 && (q.y as f32)<y1 && ((q.y+q.height) as f32)>y0 }) })
                .map(|(i,c)|Char{value:c,confidence:1.0,others:vec![],column:i as u32}).collect();
            r.rows.push(Row{text:text.into(),chars,place:pl,first_ms:(a*1e3) as u64,last_ms:(b*1e3) as u64,frames:10,grid:Some(0),partial:false,reader:Reader::Network,pixels:crop(&f,pl)});
        }
    }
    r.grids.push(Grid{area:Rect{x:o.0 as u32,y:o.1 as u32,width:(t["cols"].as_u64().unwrap() as f32*cell.0) as u32,height:(t["rows"].as_u64().unwrap() as f32*cell.1) as u32},origin_x:o.0,origin_y:o.1,cell_width:cell.0,cell_height:cell.1,ground:ground as u8});
    r
}
#[test]
fn dev_given() {
    for (name,kern) in [("b01_gauss_ladder",0),("b02_pixel_ladder",1),("b06_boxblur_15fps",2)] {
        let path=format!("/work/shared/video/{name}.mp4");
        let t:Value=serde_json::from_str(&std::fs::read_to_string(format!("/work/shared/video/{name}.truth.json")).unwrap()).unwrap();
        let size=(t["size"][0].as_u64().unwrap() as usize,t["size"][1].as_u64().unwrap() as usize);
        let r=reading(&t,&path,12);
        let g=Glyphs::learn(&r,0,&super::lattice::refined(&r,0).unwrap(),&|_,_|false).unwrap();
        eprintln!("{name} ground {} floor {:.2} rows {}",g.ground,g.floor,r.rows.len());
        for s in &g.styles { eprintln!("  style {:.1} heavy {} n {} letters {} {}",s.contrast,s.heavy,s.count,s.pictures.len(),s.pictures.keys().collect::<String>()); }
        let mut done=std::collections::BTreeMap::new();
        for op in t["ops"].as_array().unwrap() {
            let aim=op["aim"].as_str().unwrap_or(""); let p=op["param"].as_f64().unwrap() as f32;
            let (a,b)=(op["t0"].as_f64().unwrap(),op["t1"].as_f64().unwrap()); if b-a<1.0 {continue}
            let c=done.entry((aim.to_owned(),p as u32)).or_insert(0); *c+=1; if *c>2 {continue}
            let tm=b-0.35; let f=frame_at(&path,tm,size.0,size.1); let q=rect(&op["rect"]);
            let others:Vec<Rect>=t["ops"].as_array().unwrap().iter().filter(|o|o["t0"].as_f64().unwrap()<tm&&o["t1"].as_f64().unwrap()>tm).map(|o|rect(&o["rect"])).filter(|o|*o!=q).collect();
            let pl=Rect{x:q.x-28,y:q.y-28,width:q.width+56,height:q.height+56};
            let look=Look{since_ms:0,at_ms:(tm*1e3) as u64,place:pl,picture:crop(&f,pl)};
            let kernels=match kern {0=>vec![Kernel::Gaussian,Kernel::Recursive{steps:1},Kernel::Recursive{steps:3}],1=>vec![Kernel::Blocks],_=>vec![Kernel::Box{passes:1},Kernel::Box{passes:2}]};
            let Some(scene)=Scene::new(&look,q,&r.grids[0],&g,&others) else {eprintln!("no scene");continue};
            let (letters,pics)=g.alphabet(0); let unary=scene.unary(&pics);
            for k in kernels { let o=Operator::new(k,p); let started=std::time::Instant::now();
                let mut tone=Tone::NONE; let mut line=String::new();
                for round in 0..3 { let views=[scene.view(&o,tone)]; let Some(d)=Decoder::new(&views,&pics,1.3,unary.clone()) else {eprintln!("singular");break};
                    let fits=d.solve(300); let best=&fits[0];
                    let text:String=best.letters.iter().map(|l|letters[*l as usize]).collect();
                    let truth=(); let _=truth; let rms=(best.energy/views[0].observed.len() as f32).sqrt();
                    line+=&format!(" [{text}] rms {rms:.2} off {:.1} gain {:.2} gap {:.0}",tone.offset,tone.gain,fits[1].energy-best.energy);
                    let pp:Vec<&[f32]>=best.letters.iter().map(|l|pics[*l as usize].as_slice()).collect();
                    let model=views[0].cover(&scene.uncovered(&pp)); tone=Tone::between(&model.values,&scene.seen.values); let _=round; }
                eprintln!("{aim:32} {k:?} {p} n{} {:.0}ms/round {line}",scene.unknown.len(),started.elapsed().as_secs_f64()*1e3/3.0);
            }
        }
    }
}
#[test]
fn dev_tiles() {
    use crate::redaction::tiles::*;
    for name in ["b01_gauss_ladder","b02_pixel_ladder","b06_boxblur_15fps","b10_control_solid_all","b04_scroll_not_followed"] {
        let path=format!("/work/shared/video/{name}.mp4");
        let t:Value=serde_json::from_str(&std::fs::read_to_string(format!("/work/shared/video/{name}.truth.json")).unwrap()).unwrap();
        let size=(t["size"][0].as_u64().unwrap() as usize,t["size"][1].as_u64().unwrap() as usize);
        for tm in [15.0,22.0,23.9] {
            let f=frame_at(&path,tm,size.0,size.1); let s=std::time::Instant::now(); let tiles=Tiles::new(&f); let p=tiles.patches(); let ms=s.elapsed().as_secs_f64()*1e3;
            eprintln!("== {name} {tm} {ms:.1}ms");
            for x in &p { eprintln!("   found {:?} {:?}",x.look,(x.rect.x,x.rect.y,x.rect.width,x.rect.height)); }
            for o in t["ops"].as_array().unwrap() { if o["t0"].as_f64().unwrap()<tm&&o["t1"].as_f64().unwrap()>tm { eprintln!("   truth {} {} {}",o["type"],o["param"],o["rect"]); } }
        }
    }
}
pub fn stream(path:&str,w:usize,h:usize,fps:f64,mut f:impl FnMut(&Frame)){
    let mut c=Command::new("ffmpeg").args(["-v","error","-i",path,"-vf","extractplanes=y","-f","rawvideo","-pix_fmt","gray","-"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut o=c.stdout.take().unwrap(); let mut l=Luma{width:w,height:h,pixels:vec![0;w*h]}; let mut last=vec![]; let mut n=0u64;
    while o.read_exact(&mut l.pixels).is_ok() { let at=(n as f64*1000.0/fps) as u64; 
        let changed=last.len()!=l.pixels.len()|| l.pixels.iter().zip(&last).filter(|(a,b):&(&u8,&u8)|a.abs_diff(**b)>6).count()>8;
        if changed { f(&Frame{index:n,at_ms:at,luma:&l}); last=l.pixels.clone(); } n+=1; }
    c.wait().unwrap();
}
#[test]
fn dev_regions() {
    let only=std::env::var("CLIP").unwrap_or_default();
    for name in ["b01_gauss_ladder","b02_pixel_ladder","b06_boxblur_15fps","b10_control_solid_all","b04_scroll_not_followed"] {
        if !name.contains(&only) {continue}
        let path=format!("/work/shared/video/{name}.mp4");
        let t:Value=serde_json::from_str(&std::fs::read_to_string(format!("/work/shared/video/{name}.truth.json")).unwrap()).unwrap();
        let size=(t["size"][0].as_u64().unwrap() as usize,t["size"][1].as_u64().unwrap() as usize);
        let r=reading(&t,&path,6);
        let mut reds=crate::redaction::Redactions::default(); let s=std::time::Instant::now(); let mut n=0; let mut spent=0.0;
        stream(&path,size.0,size.1,t["fps"].as_f64().unwrap(),|f|{n+=1; let q=std::time::Instant::now(); reds.frame(f); spent+=q.elapsed().as_secs_f64();});
        let found=reds.finish(&r); eprintln!("== {name} frames {n} spent {spent:.2} of {:.2}s  redactions {}",s.elapsed().as_secs_f64(),found.len());
        let mut used=vec![false;found.len()];
        for o in t["ops"].as_array().unwrap() { let q=rect(&o["rect"]); let (a,b)=(o["t0"].as_f64().unwrap()*1e3,o["t1"].as_f64().unwrap()*1e3);
            let hit=found.iter().enumerate().filter(|(_,f)| crate::redaction::track::share(f.rect,q)>0.5 && (f.first_ms as f64)<b && (f.last_ms as f64)>a).max_by_key(|(_,f)|((f.last_ms as f64).min(b)-(f.first_ms as f64).max(a)) as i64);
            match hit { Some((i,f))=>{used[i]=true; eprintln!("   ok {} {} truth {:?} found {:?} {:?} {:.1}  t {a}-{b} / {}-{} looks {}",o["type"],o["param"],(q.x,q.y,q.width,q.height),(f.rect.x,f.rect.y,f.rect.width,f.rect.height),f.cover,f.strength,f.first_ms,f.last_ms,f.looks.len())}
              None=>eprintln!("   MISSED {} {} {:?} {a}-{b}",o["type"],o["param"],(q.x,q.y,q.width,q.height)) } }
        for (f,u) in found.iter().zip(&used) { if !u { eprintln!("   extra {:?} {:.1} {:?} {}-{}",f.cover,f.strength,(f.rect.x,f.rect.y,f.rect.width,f.rect.height),f.first_ms,f.last_ms); } }
    }
}
pub fn truth_text(t:&Value, red:&crate::redaction::Redaction)->Option<(String,String,f64)>{ // (aim,kind,param)
    let q=red.rect; let mut best=None;
    for o in t["ops"].as_array().unwrap() { let r=rect(&o["rect"]); let (a,b)=(o["t0"].as_f64().unwrap()*1e3,o["t1"].as_f64().unwrap()*1e3);
        let mid=crate::redaction::longest_look(&red.looks).map_or(red.last_ms,|l|l.at_ms) as f64; let sh=crate::redaction::track::common(q,r)/((q.width*q.height).max(1) as f32);
        if sh>0.6 && a<=mid+100.0 && mid<=b+100.0 { if best.as_ref().is_none_or(|(s,_)|*s<sh) { best=Some((sh,(o["aim"].as_str().unwrap_or("").to_owned(),o["type"].as_str().unwrap().to_owned(),o["param"].as_f64().unwrap_or(0.0)))); } } }
    best.map(|b|b.1)
}
#[test]
fn dev_settle() {
    let only=std::env::var("CLIP").unwrap_or_default();
    for name in ["b01_gauss_ladder","b02_pixel_ladder","b06_boxblur_15fps"] {
        if !name.contains(&only) {continue}
        let path=format!("/work/shared/video/{name}.mp4");
        let t:Value=serde_json::from_str(&std::fs::read_to_string(format!("/work/shared/video/{name}.truth.json")).unwrap()).unwrap();
        let size=(t["size"][0].as_u64().unwrap() as usize,t["size"][1].as_u64().unwrap() as usize);
        let r=reading(&t,&path,12); let g=Glyphs::learn(&r,0,&super::lattice::refined(&r,0).unwrap(),&|_,_|false).unwrap();
        let mut reds=crate::redaction::Redactions::default();
        stream(&path,size.0,size.1,t["fps"].as_f64().unwrap(),|f|reds.frame(f));
        let found=reds.finish(&r); let mut hints:Vec<Operator>=vec![]; let mut done=std::collections::BTreeMap::new();
        for f in &found { let Some((aim,ty,p))=truth_text(&t,f) else {continue}; if f.last_ms-f.first_ms<300 {continue}
            let c=done.entry((aim.clone(),p as u32)).or_insert(0); *c+=1; if *c>3 {continue}
            if p>6.0 && f.cover!=crate::redaction::Cover::Blocks || p>8.0 {continue}
            let Some(look)=crate::redaction::longest_look(&f.looks) else {continue};
            let others:Vec<Rect>=found.iter().filter(|o|crate::redaction::track::share(o.rect,f.rect)<0.4&&o.first_ms<=look.at_ms&&o.last_ms>=look.at_ms).map(|o|o.rect).collect();
            let s=std::time::Instant::now();
            let st=super::settle::Stretch{look,rect:f.rect,others:&others,grid:&r.grids[0],glyphs:&g,style:0};
            let got=super::settle::settle(&st,f.cover,f.strength,&hints); let ms=s.elapsed().as_secs_f64()*1e3;
            match got { None=>eprintln!("{aim:30} {ty} {p} none"), Some(x)=>{ let text:String=x.fits[0].letters.iter().map(|l|x.alphabet[*l as usize]).collect();
                eprintln!("{aim:30} {ty} {p} [{text}] {} op {:?} {:.2} rect {:?}->{:?} rms {:.2} worst {:.2} margin {:.0} tone {:.1} {:.2} {ms:.0}ms",if text.contains(&aim){"EXACT"}else{"-"},x.operator.kernel,x.operator.strength,(f.rect.x,f.rect.y,f.rect.width,f.rect.height),(x.rect.x,x.rect.y,x.rect.width,x.rect.height),x.residual,x.worst,x.margin,x.tone.offset,x.tone.gain);
                if x.residual<1.15*g.floor && x.margin>60.0 && !hints.contains(&x.operator) {hints.push(x.operator);} } }
        }
    }
}
pub fn reencode(args:Vec<String>, p:&[Luma])->std::io::Result<Vec<Luma>>{
    use std::io::Write; let (w,h)=(p[0].width,p[0].height); let hold=12;
    let tmp=std::env::temp_dir().join(format!("s2re{}.mkv",std::process::id()));
    let mut c=Command::new("ffmpeg").args(["-v","error","-y","-f","rawvideo","-pix_fmt","yuv420p","-s",&format!("{w}x{h}"),"-r","30","-i","-"]).args(&args).args(["-pix_fmt","yuv420p"]).arg(&tmp).stdin(Stdio::piped()).spawn()?;
    let mut i=c.stdin.take().unwrap(); for l in p { for _ in 0..hold { // full-range gray would be rescaled: write yuv via gray is converted; keep levels by range trick
        i.write_all(&l.pixels)?; i.write_all(&vec![128u8;w*h/2])?; } } drop(i); c.wait()?;
    let o=Command::new("ffmpeg").args(["-v","error","-i"]).arg(&tmp).args(["-vf","extractplanes=y","-f","rawvideo","-pix_fmt","gray","-"]).output()?.stdout;
    Ok(o.chunks_exact(w*h).skip(hold-1).step_by(hold).map(|f|Luma{width:w,height:h,pixels:f.to_vec()}).collect())
}
#[test]
fn dev_recover() {
    let only=std::env::var("CLIP").unwrap_or_default();
    for name in ["b01_gauss_ladder","b02_pixel_ladder","b06_boxblur_15fps"] {
        if !name.contains(&only) {continue}
        let path=format!("/work/shared/video/{name}.mp4");
        let t:Value=serde_json::from_str(&std::fs::read_to_string(format!("/work/shared/video/{name}.truth.json")).unwrap()).unwrap();
        let size=(t["size"][0].as_u64().unwrap() as usize,t["size"][1].as_u64().unwrap() as usize);
        let r=reading(&t,&path,12);
        let mut reds=crate::redaction::Redactions::default();
        stream(&path,size.0,size.1,t["fps"].as_f64().unwrap(),|f|reds.frame(f));
        let found=reds.finish(&r); let s=std::time::Instant::now();
        let re=|p:&[Luma]|reencode("-c:v libx264 -preset medium -crf 23".split(' ').map(String::from).collect(),p);
        let got=super::recover(&r,&found,&super::Warrant{reason:"dev".into()},&|_|false,Some(&re));
        eprintln!("== {name} floor {:.2} {} groups of {} in {:.1}s",0.0,got.recoveries.len(),found.len(),s.elapsed().as_secs_f64());
        for x in &got.recoveries { let tr=x.redactions.iter().find_map(|i|truth_text(&t,&found[*i]));
            let (aim,ty,p)=tr.unwrap_or_default(); let best=x.candidates.first().map(|c|c.text.clone()).unwrap_or_default();
            let v=match &x.verdict {crate::deblur::Verdict::Read=>"READ".to_owned(),crate::deblur::Verdict::Candidate(w)=>format!("cand: {w}"),crate::deblur::Verdict::Refused(w)=>format!("refused: {w}")};
            eprintln!("{:2}x {aim:30} {ty} {p} [{best}] {} {v} | op {:?} looks {} rms {:.2}/{:.2} exact {}/{} coded {} {:?} {}-{}",x.redactions.len(),if best==aim&&!aim.is_empty(){"EXACT"} else {"-"},x.operator.map(|o|(o.kernel,o.strength)),x.looks_ms.len(),x.residual,x.clear_residual,x.exact,x.trials,x.coded,(x.rect.x,x.rect.y,x.rect.width,x.rect.height),found[x.redactions[0]].first_ms,found[x.redactions[0]].last_ms); }
    }
}
#[test]
fn dev_learn() {
    let clip=std::env::var("CLIP").unwrap_or("b01_gauss_ladder.mp4".into());
    let path=std::path::PathBuf::from(format!("/work/shared/video/{clip}"));
    let m=std::path::Path::new("/tmp/models"); let models=crate::read::Models::load(&m.join("PP-OCRv6_det_small.onnx"),&m.join("PP-OCRv6_rec_small.onnx")).ok();
    let f=std::fs::File::open(&path).unwrap(); let lim=crate::media::Limits::default(); let mut d=crate::media::Decoder::open(&f,&lim).unwrap();
    let mut fr=crate::media::Frames::new(std::io::BufReader::new(d.pipe().unwrap()),&lim); let mut rd=crate::read::Reader::new(models.as_ref()); let mut reds=crate::redaction::Redactions::default();
    let mut o=Default::default(); while fr.next_into(&mut o).unwrap() { let f=Frame{index:o.index,at_ms:o.at_ms,luma:&o.luma}; reds.frame(&f); rd.push(f); } d.finish();
    let (r,_)=rd.finish(); let found=reds.finish(&r);
    for row in r.rows.iter().take(400) { eprintln!("ROW {:?} {} {}-{} n{} {:?} conf {:.2} {}",row.grid,row.text,row.first_ms,row.last_ms,row.frames,(row.place.x,row.place.y,row.place.width,row.place.height),row.chars.iter().map(|c|c.confidence).sum::<f32>()/row.chars.len().max(1) as f32,row.partial); }
    eprintln!("GRID {:?} {:?}",r.grids,super::lattice::refined(&r,0));
    for g in [Glyphs::learn(&r,0,&super::lattice::refined(&r,0).unwrap(),&|_,_|false).unwrap(), Glyphs::learn(&r,0,&super::lattice::refined(&r,0).unwrap(),&|row,p|super::recover::covered(&found,row,p)).unwrap()] { eprintln!("floor {} ground {}",g.floor,g.ground); for s in &g.styles { eprintln!("  style {:.1} heavy {} n {} letters {} {}",s.contrast,s.heavy,s.count,s.pictures.len(),s.pictures.keys().collect::<String>()); } }
}
